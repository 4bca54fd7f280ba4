"""The reference of the Python functions: all that is exported, with its signature and what it says."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import srcos_contracts
from srcos_contracts.contracts.catalog import CatalogError
from srcos_contracts.evolve.checkout import stale, write
from srcos_contracts.evolve.python_docs import reference

from .small_catalog import write_checkout

ROOT = Path(__file__).resolve().parents[2]


def test_all_that_is_exported_is_there_and_is_what_it_is_at_run_time() -> None:
    text = reference()
    assert re.findall(r"^### (\w+)$", text, re.MULTILINE) == [
        *sorted(name for name in srcos_contracts.__all__ if name[0].islower()),
        *sorted(name for name in srcos_contracts.__all__ if name[0].isupper()),
    ]
    for name in srcos_contracts.__all__:
        thing = getattr(srcos_contracts, name)
        section = text.partition(f"### {name}\n")[2].partition("\n### ")[0]
        assert " ".join(str(inspect.getdoc(thing)).split())[:60] in " ".join(section.split())
        if inspect.isfunction(thing):
            (signature,) = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
            assert re.findall(r"(\w+): ", signature) == [*inspect.signature(thing).parameters]
        for field in getattr(thing, "_fields", ()):
            assert re.search(rf"^\| `{field}` \| `[^|]", section, re.MULTILINE), (name, field)


def test_a_function_is_shown_with_its_signature_and_words() -> None:
    assert (
        "### validate\n\n```python\nvalidate(\n    record: Mapping[str, Any],\n    *,\n    contract: str | None = None,\n"
        "    catalog: Catalog | None = None,\n    strict: bool | None = None,\n    engine: EngineName = 'rust',\n"
        "    configuration: str | os.PathLike[str] | None = None,\n) -> None\n```\n\n"
        "Raises ContractViolation, with every error, where a record breaks its contract. Warnings count only with `strict`.\n"
    ) in reference()
    assert "```python\nCatalog.at(root: str, shown: str | None = None) -> Catalog\n```\n" in reference()
    assert "```python\ncatalog.find(name: str) -> Contract\n```\n\nThe contract `NAME` in its newest version" in reference()
    assert "| `sentence` | `str` | Rule and value in one line: what formats without room for a label show. |\n" in reference()


def test_the_page_is_generated_between_its_marks_and_only_there(tmp_path: Path) -> None:
    write_checkout(tmp_path)
    write(stale(tmp_path))
    page = tmp_path / "docs/python.md"
    assert not page.exists()
    page.write_text("mine\n")
    assert stale(tmp_path) == {}
    page.write_text("before\n<!-- api:begin -->\nold\n<!-- api:end -->\nafter\n")
    assert stale(tmp_path) == {page: f"before\n<!-- api:begin -->\n\n{reference()}\n<!-- api:end -->\nafter\n"}
    page.write_text("before\n<!-- api:begin -->\n")
    with pytest.raises(CatalogError, match=r"^docs/python.md has the marker <!-- api:begin --> and no <!-- api:end --> after it$"):
        stale(tmp_path)


def test_the_package_has_types() -> None:
    assert (Path(srcos_contracts.__file__).parent / "py.typed").is_file()
