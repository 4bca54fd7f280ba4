"""The meta-schemas of the dialects, which a schema may refer to without bringing them. Nothing is fetched."""

from __future__ import annotations

from typing import Any

from srcos_contracts.contracts.dialects import is_meta_schema

__all__ = ["meta_schema"]


def meta_schema(uri: str) -> dict[str, Any] | None:
    """The meta-schema of a dialect that is known here, or the part of one that has this URI; None where there is none."""
    if not is_meta_schema(uri):
        return None
    from jsonschema_specifications import REGISTRY

    resource = REGISTRY.get(uri)
    return resource.contents if resource is not None and isinstance(resource.contents, dict) else None
