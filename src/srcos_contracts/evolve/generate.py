"""What is generated from the contracts: their self-contained forms, the catalog, and the README's table and finding.

All of it is committed and checked for drift. `python -m srcos_contracts.evolve.generate ROOT` writes it, `--check` only compares.
"""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

from srcos_contracts.checking import Demands, check_source
from srcos_contracts.contracts.bundle import UnresolvableReference, bundle
from srcos_contracts.contracts.catalog import BASE_URI, CATALOG_FILE, Catalog, CatalogError
from srcos_contracts.explanation import SAMPLES_FILE
from srcos_contracts.reading.source import select
from srcos_contracts.report.human import HumanReport
from srcos_contracts.rules import contract_rules

__all__ = ["generate", "generate_readme", "main", "stale"]

_SCHEMAS = "schemas"
_BUNDLES = "bundles"
_README = "README.md"
_SHOWN = "examples/BrowserAutomationReceipt/0.1.0/invalid/session-owner/two-sessions-in-a-list.json"
_NO_CONTRACTS = {_BUNDLES, "meta", CATALOG_FILE, SAMPLES_FILE}


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
        except UnresolvableReference as error:
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


def generate_readme(root: Path) -> str:
    """The README of a checkout with its generated blocks as they should be.

    Raises CatalogError where a block's markers are missing.
    """
    text = (root / _README).read_text(encoding="utf-8")
    catalog = Catalog.open(str(root / _SCHEMAS))
    rows = ["| contract | what its records say | rules |", "|---|---|---|"]
    for contract in catalog.contracts:
        rules = {rule["id"] for rule in contract_rules(catalog.document(contract.bundle))}
        page = f"docs/contracts.md#{contract.name.lower()}"
        rows.append(f"| [{contract.name}]({page}) {contract.version} | {_first_sentence(contract.title)} | {len(rules)} |")
    text = _with_block(text, "contracts", "\n".join(rows))
    return _with_block(text, "finding", f"```\n{_shown_finding(catalog, root)}```")


def _first_sentence(text: str) -> str:
    return text.split(". ")[0].rstrip(".")


def _shown_finding(catalog: Catalog, root: Path) -> str:
    path = root / _SHOWN
    (source,) = select([str(path)]).sources
    out = io.StringIO()
    out.write(f"$ srcos-validate {_SHOWN}\n")
    report = HumanReport(out)
    for finding in check_source(catalog, source._replace(name=_SHOWN), Demands()):
        report.add(finding)
    return out.getvalue().rstrip() + "\n"


def _with_block(text: str, name: str, content: str) -> str:
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    if begin not in text or end not in text:
        raise CatalogError(f"{_README} lacks the markers {begin} and {end}")
    return text[: text.index(begin)] + f"{begin}\n{content}\n" + text[text.index(end) :]


def stale(root: Path) -> dict[Path, str | None]:
    """The generated files of a checkout that are not what they should be, with their text; None for those that should not be."""
    schemas = root / _SCHEMAS
    wanted: dict[Path, str | None] = {schemas / file: text for file, text in generate(schemas).items()}
    wanted.update((path, None) for path in (schemas / _BUNDLES).rglob("*.json") if path not in wanted)
    return {path: text for path, text in wanted.items() if _content(path) != text}


def _content(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def main(arguments: list[str]) -> int:
    """Writes, or with `--check` compares, the generated files of a checkout. Returns the exit code."""
    root = Path(next((argument for argument in arguments if not argument.startswith("-")), "."))
    check_only = "--check" in arguments
    try:
        differing = _brought_up(root, check_only)
    except (CatalogError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for path in differing:
        print(f"{path} is not what the contracts generate; run: make generate" if check_only else path)
    return 1 if check_only and differing else 0


def _brought_up(root: Path, check_only: bool) -> list[Path]:
    differing = stale(root)
    for path, text in differing.items() if not check_only else ():
        if text is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    # The README shows what the files just written say.
    readme = root / _README
    if readme.is_file() and not (check_only and differing):
        text = generate_readme(root)
        if text != _content(readme):
            differing[readme] = text
            if not check_only:
                readme.write_text(text, encoding="utf-8")
    return list(differing)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
