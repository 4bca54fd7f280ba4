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
from srcos_contracts.pointer import Path as Way
from srcos_contracts.pointer import format_pointer, lookup
from srcos_contracts.reading.document import Document, line_and_column
from srcos_contracts.reading.json_text import parse_json
from srcos_contracts.reading.locate import locate
from srcos_contracts.reading.regular import content_of
from srcos_contracts.wording import cut, show

__all__ = ["Form", "read_entries", "read_formed"]

Form = Literal["cases.json", "change-waivers.json", "conformance.json", "expected-failures.json", "waivers.json"]


def read_formed(path: Path, form: Form, shown: str = "") -> Any:
    """The value of a JSON or YAML file that has a form; None for YAML without a document. `shown` is how messages name the file.

    Raises CatalogError, with line and column, where the file cannot be read or does not have the form.
    """
    return _read(path, form, shown or str(path))[1]


def read_entries(path: Path, form: Form, shown: str = "") -> list[tuple[Any, tuple[int, int]]]:
    """The entries of a list that has a form, each with its line and column. Raises CatalogError as `read_formed` does."""
    document, value = _read(path, form, shown or str(path))
    return [(entry, _place(document, (index,))) for index, entry in enumerate(value or ())]


def _read(path: Path, form: Form, shown: str) -> tuple[Document, Any]:
    try:
        text = content_of(str(path))
    except OSError as error:
        raise CatalogError(f"{shown} cannot be read: {error.strerror}") from error
    if path.suffix == ".json":
        document = Document(shown, text)
        value = parse_json(document)
    else:
        from srcos_contracts.reading.yaml_text import parse_yaml

        document = Document(shown, text, "yaml")
        _refuse_not_text(document)
        node = parse_yaml(document)
        value = node if node is None or isinstance(node, Finding) else node.value
    if isinstance(value, Finding):
        raise CatalogError(f"{shown}:{value.location.line}:{value.location.column}: {value.message}")
    if value is not None or document.syntax == "json":
        _refuse_malformed(document, value, form)
    return document, value


def _refuse_not_text(document: Document) -> None:
    try:
        document.text.decode("utf-8")
    except UnicodeDecodeError as error:
        line = document.text.count(b"\n", 0, error.start) + 1
        raise CatalogError(f"{document.file}:{line}: this is not UTF-8: write the file as UTF-8 text") from error


def _place(document: Document, path: Way) -> tuple[int, int]:
    span, _ = locate(document, path)
    return line_and_column(document.text.decode("utf-8"), span[0])


def _refuse_malformed(document: Document, value: Any, form: Form) -> None:
    validator = _validator(form)
    if validator.is_valid(value):
        return
    # What stands deepest says best what is wrong, and of a misspelt name the name.
    error = max(validator.iter_errors(value), key=lambda error: (len(error.instance_path), error.schema_path[-1] == "additionalProperties"))
    place = tuple(error.instance_path)
    line, column = _place(document, place)
    where = f"at {format_pointer(place)}: " if place else ""
    said = cut(error.message.split("\n")[0], 160)
    meant = _described(form, tuple(error.schema_path))
    if meant:
        said = f"{show(error.instance)} is not right here: {meant}"
    raise CatalogError(f"{document.file}:{line}:{column}: {where}{said} (the form is that of schemas/meta/{form})")


@lru_cache
def _validator(form: Form) -> Any:
    with open(os.path.join(shipped_root(), "meta", form), encoding="utf-8") as stream:
        return build(json.load(stream))


def _described(form: Form, path: Way) -> str:
    """What the form's schema says for people of a value, where that helps more than what the keyword at `path` has to say."""
    with open(os.path.join(shipped_root(), "meta", form), encoding="utf-8") as stream:
        schema = lookup(json.load(stream), path[:-1])
    said = schema.get("$comment") or schema.get("description") if isinstance(schema, dict) else None
    return said.rstrip(".") if isinstance(said, str) and path[-1] in ("oneOf", "anyOf", "pattern", "type") and path[:-1] else ""
