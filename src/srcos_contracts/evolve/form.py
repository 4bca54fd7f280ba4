"""Our own files beside contracts, cases and waivers, held to the schemas that schemas/meta has for them."""

from __future__ import annotations

import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from srcos_contracts.contracts.catalog import CatalogError, shipped_root
from srcos_contracts.contracts.engine import build
from srcos_contracts.finding import Finding
from srcos_contracts.pointer import format_pointer
from srcos_contracts.reading.document import Document, line_and_column
from srcos_contracts.reading.json_text import parse_json
from srcos_contracts.reading.locate import locate
from srcos_contracts.wording import cut

__all__ = ["Form", "read_formed"]

Form = Literal["cases.json", "waivers.json"]


def read_formed(path: Path, form: Form) -> Any:
    """The value of a JSON or YAML file that has a form; None for YAML without a document.

    Raises CatalogError, with line and column, where the file cannot be read or does not have the form.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise CatalogError(f"{path} cannot be read: {error.strerror}") from error
    if path.suffix == ".json":
        document = Document(str(path), text)
        value = parse_json(document)
    else:
        from srcos_contracts.reading.yaml_text import parse_yaml

        document = Document(str(path), text, "yaml")
        node = parse_yaml(document)
        value = node if node is None or isinstance(node, Finding) else node.value
    if isinstance(value, Finding):
        raise CatalogError(f"{path}:{value.location.line}:{value.location.column}: {value.message}")
    if value is not None:
        _refuse_malformed(document, value, form)
    return value


def _refuse_malformed(document: Document, value: Any, form: Form) -> None:
    validator = _validator(form)
    if validator.is_valid(value):
        return
    # What stands deepest says best what is wrong.
    error = max(validator.iter_errors(value), key=lambda error: len(error.instance_path))
    place = tuple(error.instance_path)
    span, _ = locate(document, place)
    line, column = line_and_column(document.text.decode("utf-8"), span[0])
    where = f"at {format_pointer(place)}: " if place else ""
    said = cut(error.message.split("\n")[0], 160)
    raise CatalogError(f"{document.file}:{line}:{column}: {where}{said} (the form is that of schemas/meta/{form})")


@lru_cache
def _validator(form: Form) -> Any:
    with open(os.path.join(shipped_root(), "meta", form), encoding="utf-8") as stream:
        return build(json.load(stream))
