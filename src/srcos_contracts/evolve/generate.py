"""What is generated from the contracts: their self-contained forms and the catalog. Committed, and checked for drift.

`python -m srcos_contracts.evolve.generate SCHEMAS` writes them, `--check` only compares.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from srcos_contracts.contracts.bundle import bundle
from srcos_contracts.contracts.catalog import BASE_URI, CATALOG_FILE, CatalogError

__all__ = ["generate", "main", "stale"]

_BUNDLES = "bundles"
_NO_CONTRACTS = {_BUNDLES, "meta", CATALOG_FILE}


def generate(root: Path) -> dict[str, str]:
    """Paths under `root` and the texts that belong there.

    Raises CatalogError where a schema is not JSON, lacks its `$id`, or refers to nothing.
    """
    resources: dict[str, Any] = {}
    for path in sorted(root.rglob("*.json")):
        file = path.relative_to(root).as_posix()
        if file.split("/")[0] in _NO_CONTRACTS:
            continue
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise CatalogError(f"{path} is not JSON: {error}") from error
        if document.get("$id") != BASE_URI + file:
            raise CatalogError(f"{path}: $id must be {BASE_URI + file}, it is {document.get('$id')}")
        resources[BASE_URI + file] = document
    contracts = {uri: document for uri, document in resources.items() if "x-contract" in document}
    texts = {}
    entries = []
    for uri, document in contracts.items():
        file = uri.removeprefix(BASE_URI)
        try:
            bundled = bundle(uri, resources)
        except ValueError as error:
            raise CatalogError(str(error)) from error
        texts[f"{_BUNDLES}/{file}"] = _dump(bundled)
        entries.append(_entry(document, uri, file))
    catalog = {
        "$schema": "https://json.schemastore.org/schema-catalog.json",
        "version": 1,
        "schemas": entries,
    }
    texts[CATALOG_FILE] = _dump(catalog)
    return texts


def _entry(document: dict[str, Any], uri: str, file: str) -> dict[str, Any]:
    about = document["x-contract"]
    entry: dict[str, Any] = {
        "name": f"{about['name']} {about['version']}",
        "description": document.get("description", ""),
        "url": uri,
        "fileMatch": ["**/" + _as_glob(pattern) for pattern in about.get("paths", ())],
        "x-contract": {**about, "file": file, "bundle": f"{_BUNDLES}/{file}"},
    }
    return entry


def _as_glob(pattern: str) -> str:
    return "".join(part if index % 2 == 0 else "*" for index, part in enumerate(pattern.replace("}", "{").split("{")))


def _dump(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def stale(root: Path) -> list[str]:
    """The generated files that differ from what the contracts say, and those that no contract accounts for."""
    texts = generate(root)
    present = {path.relative_to(root).as_posix() for path in (root / _BUNDLES).rglob("*.json")}
    differing = {file for file, text in texts.items() if not (root / file).is_file() or (root / file).read_text("utf-8") != text}
    return sorted(differing | (present - texts.keys()))


def main(arguments: list[str]) -> int:
    """Writes, or with --check compares, the generated files of a schemas folder. Returns the exit code."""
    root = Path(next((argument for argument in arguments if not argument.startswith("-")), "schemas"))
    try:
        wrong = stale(root)
        if "--check" in arguments:
            for file in wrong:
                print(f"{root / file} is not what the contracts generate; run: make generate", file=sys.stderr)
            return 1 if wrong else 0
        texts = generate(root)
        for file in wrong:
            if file in texts:
                (root / file).parent.mkdir(parents=True, exist_ok=True)
                (root / file).write_text(texts[file], encoding="utf-8")
            else:
                (root / file).unlink()
            print(root / file)
    except (CatalogError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
