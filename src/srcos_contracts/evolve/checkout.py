"""All that is generated in a checkout of contracts: bundles and catalog, the documentation, and the README's blocks.

All of it is committed and checked for drift. It comes from the sources alone, never from what was generated before.
"""

from __future__ import annotations

import io
from pathlib import Path

from srcos_contracts.checking import Demands, check_source
from srcos_contracts.contracts.catalog import CATALOG_FILE, Catalog, CatalogError
from srcos_contracts.evolve.docs import DIAGRAMS, PAGE, generate_docs, surplus_diagrams
from srcos_contracts.evolve.generate import BUNDLES, catalog_of_sources, generate
from srcos_contracts.evolve.python_docs import BLOCK as PYTHON_BLOCK
from srcos_contracts.evolve.python_docs import PAGE as PYTHON_PAGE
from srcos_contracts.evolve.python_docs import reference
from srcos_contracts.evolve.set_docs import PAGE as SET_PAGE
from srcos_contracts.explanation import SAMPLES_FILE
from srcos_contracts.reading.source import select
from srcos_contracts.report.human import HumanReport
from srcos_contracts.rules import contract_rules
from srcos_contracts.whole_file import replace_text

__all__ = ["bring_up", "out_of_step", "stale", "write"]

_SCHEMAS = "schemas"
_README = "README.md"
_SHOWN = "examples/BrowserAutomationReceipt/0.1.0/invalid/session-owner/two-sessions-in-a-list.json"


def stale(root: Path, jobs: int = 1) -> dict[Path, str | None]:
    """The generated files of a checkout that are not what they should be, with their text; None for those that should not be.

    Raises CatalogError where the schemas cannot be used.
    """
    schemas = root / _SCHEMAS
    wanted = _generated(schemas)
    catalog = catalog_of_sources(str(schemas), _SCHEMAS)
    docs = generate_docs(root, catalog, jobs)
    wanted.update(docs)
    wanted.update((path, None) for path in surplus_diagrams(root, docs))
    for name, made in ((_README, lambda text: _readme(text, catalog, root)), (PYTHON_PAGE, _python_page)):
        page = root / name
        if page.is_file():
            try:
                wanted[page] = made(page.read_text(encoding="utf-8"))
            except UnicodeDecodeError as error:
                raise CatalogError(f"{page} is not UTF-8: {error}") from error
    return {path: text for path, text in sorted(wanted.items()) if _content(path) != text}


def bring_up(schemas: Path) -> list[Path]:
    """Writes what is generated from a folder of contracts where something was generated before: bundles and catalog where there
    is a catalog, and all else where there is a page of contracts. Gives the files that were written.

    Raises CatalogError where the schemas cannot be used, OSError where a file cannot be written.
    """
    return write(out_of_step(schemas) or {})


def out_of_step(schemas: Path, jobs: int = 1) -> dict[Path, str | None] | None:
    """What `stale` gives of what is generated here: bundles and catalog where there are any of these, and all else where there is
    any of it. None where nothing is.

    Raises CatalogError where the schemas cannot be used.
    """
    root = schemas.parent
    if schemas.name == _SCHEMAS and any((root / name).exists() for name in (PAGE, DIAGRAMS, SET_PAGE)):
        return stale(root, jobs)
    if not any((schemas / name).exists() for name in (CATALOG_FILE, BUNDLES, SAMPLES_FILE)):
        return None
    return {path: text for path, text in _generated(schemas).items() if _content(path) != text}


def _generated(schemas: Path) -> dict[Path, str | None]:
    wanted: dict[Path, str | None] = {schemas / file: text for file, text in generate(schemas).items()}
    wanted.update((path, None) for path in (schemas / BUNDLES).rglob("*.json") if path not in wanted)
    return wanted


def write(changed: dict[Path, str | None]) -> list[Path]:
    """Writes texts to their paths, and removes the files whose text is None."""
    for path, text in changed.items():
        if text is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_text(path, text)
    return list(changed)


def _content(path: Path) -> str | None:
    return path.read_text(encoding="utf-8", errors="surrogateescape") if path.is_file() else None


def _readme(text: str, catalog: Catalog, root: Path) -> str:
    """A README with its generated blocks as they should be; those for which it has no markers are not made."""
    if _begin("contracts") in text:
        rows = ["| contract | what its records say | rules |", "|---|---|---|"]
        for contract in catalog.contracts:
            rules = {rule["id"] for rule in contract_rules(catalog.document(contract.bundle))}
            page = f"{PAGE}#{contract.name.lower()}"
            rows.append(f"| [{contract.name}]({page}) {contract.version} | {_first_sentence(contract.title)} | {len(rules)} |")
        text = _with_block(_README, text, "contracts", "\n".join(rows))
    if _begin("finding") in text:
        text = _with_block(_README, text, "finding", f"```\n{_shown_finding(catalog, root)}```")
    return text


def _python_page(text: str) -> str:
    return _with_block(PYTHON_PAGE, text, PYTHON_BLOCK, "\n" + reference()) if _begin(PYTHON_BLOCK) in text else text


def _first_sentence(text: str) -> str:
    return text.split(". ")[0].rstrip(".")


def _shown_finding(catalog: Catalog, root: Path) -> str:
    sources = select([str(root / _SHOWN)]).sources
    if not sources:
        raise CatalogError(f"{_README} shows a finding of {_SHOWN}, which is not there")
    out = io.StringIO()
    out.write(f"$ srcos-validate {_SHOWN}\n")
    report = HumanReport(out)
    for finding in check_source(catalog, sources[0]._replace(name=_SHOWN), Demands()):
        report.add(finding)
    return out.getvalue().rstrip() + "\n"


def _begin(name: str) -> str:
    return f"<!-- {name}:begin -->"


def _with_block(page: str, text: str, name: str, content: str) -> str:
    begin, end = _begin(name), f"<!-- {name}:end -->"
    if text.find(end, text.index(begin)) < 0:
        raise CatalogError(f"{page} has the marker {begin} and no {end} after it")
    return text[: text.index(begin)] + f"{begin}\n{content}\n" + text[text.index(end, text.index(begin)) :]
