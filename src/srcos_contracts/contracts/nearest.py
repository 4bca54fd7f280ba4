"""The contract that an unclaimed record comes nearest to, and what keeps it from being one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any

from srcos_contracts.contracts.catalog import Catalog, CatalogError, Contract, VersionOrder, version_order
from srcos_contracts.contracts.detail import fold_name
from srcos_contracts.contracts.diagnosis import Diagnosis, diagnose
from srcos_contracts.contracts.judge import EngineName, Judge
from srcos_contracts.contracts.misspelling import OWN_NAME
from srcos_contracts.contracts.resources import Place
from srcos_contracts.contracts.trace import Step, follow
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import ABSENT, Path, lookup
from srcos_contracts.wording import a_kind, join_words, kind, quoted, show

__all__ = ["Nearest", "nearest", "obstacles"]

_EXACT, _ALIAS, _FOLDED, _PART = 3.0, 3.0, 2.5, 1.0
_NAMED = 12.0
_FITS = 4.0
"""For a text that breaks nothing of a contract: more than for one member more that another contract knows."""
_LEAST_SHARE = 0.25
_MOST_KEYS = 256
_MOST_INSIDE = 16
_STRANGE = 0.25
_COMMON_WORDS = frozenset(("id", "ref", "at"))


class Field(NamedTuple):
    """A property that a contract declares, with the names that producers have for it."""

    path: Path
    names: tuple[str, ...]
    """Its own name, then its aliases."""


class Nearest(NamedTuple):
    """A contract and how the record's members would have to be named to be its."""

    contract: Contract
    renames: tuple[tuple[Path, Path], ...]
    """From where a member stands to where the contract has it."""


class _Member(NamedTuple):
    """A member of a record, by what its name could be taken for."""

    key: str
    folded: str
    words: frozenset[str]


class _Index(NamedTuple):
    """The fields of a contract by the names that a member could have."""

    top: frozenset[str]
    holders: frozenset[str]
    aliases: Mapping[str, Path]
    folded: Mapping[str, Path]
    words: frozenset[str]


def nearest(catalog: Catalog, record: Any, engine: EngineName = "rust", as_read: Callable[[Contract], Any] | None = None) -> Nearest | None:
    """The contract with which a record shares most of its members, or None where it has nothing in common with any.

    Of a record with very many members, the first ones decide. Of a Markdown file, `record` is the front matter, and `as_read`
    says what a contract would read in the whole file. What a layout takes from the text is there in any text, so it does not make
    a contract nearer; but it is counted in whether the file would break nothing. Contracts without a layout have to be named.
    """
    if not isinstance(record, dict):
        return None
    considered = [key for key in islice(record, _MOST_KEYS) if not key.startswith("x-")]
    members = tuple(_Member(key, fold_name(key), _words(key)) for key in sorted(considered))
    inner = tuple(sorted((key, name) for key in considered if isinstance(record[key], dict) for name in islice(record[key], 64)))
    hints = tuple(fold_name(value) for value in islice(record.values(), 64) if isinstance(value, str) and len(value) <= 200)
    best: tuple[float, VersionOrder, Nearest] | None = None
    for contract in catalog.contracts:
        try:
            judge = catalog.judge(contract, engine)
        except CatalogError:
            # Whoever names the contract is told; here it would only be a hint.
            continue
        score, renames = _likeness(_index(judge), members, inner)
        if _is_named(contract, hints):
            score += _NAMED
        elif as_read is not None and contract.markdown is None:
            continue
        if score < _LEAST_SHARE * _EXACT * max(len(members), 1):
            continue
        if as_read is not None and not any(fault.severity == "error" for fault in diagnose(judge, as_read(contract), contract.name)):
            score += _FITS
        newness = version_order(contract.version)
        if best is None or (score, newness) > best[:2]:
            best = (score, newness, Nearest(contract, renames))
    return best[2] if best else None


def _is_named(contract: Contract, hints: tuple[str, ...]) -> bool:
    if not hints:
        return False
    name = fold_name(contract.name)
    constants = {fold_name(str(constant)) for _, constant in contract.discriminator}
    return any(hint in constants or (len(name) > 8 and name in hint) for hint in hints)


@lru_cache(maxsize=2048)
def _index(judge: Judge) -> _Index:
    fields = tuple(_declared(judge, Step(judge.resources[judge.uri], Place(judge.uri, ())), ()))
    top = frozenset(str(field.path[0]) for field in fields if len(field.path) == 1)
    holders = frozenset(str(field.path[0]) for field in fields if len(field.path) > 1)
    aliases: dict[str, Path] = {}
    folded: dict[str, Path] = {}
    # Of several fields that a name could mean, the outermost is meant.
    for field in sorted(fields, key=lambda field: len(field.path)):
        for alias in field.names[1:]:
            aliases.setdefault(alias, field.path)
        for name in field.names:
            folded.setdefault(fold_name(name), field.path)
    words = frozenset(word for name in top for word in _words(name)) - _COMMON_WORDS
    return _Index(top, holders, aliases, folded, words)


def _declared(judge: Judge, step: Step, path: Path) -> Iterator[Field]:
    if len(path) > 2:
        return
    for holder in follow(judge.resources, step):
        if not isinstance(holder.schema, dict):
            continue
        for name, schema in holder.schema.get("properties", {}).items():
            member = Step(schema, Place(holder.place.uri, (*holder.place.path, "properties", name)))
            aliases: list[str] = []
            for form in _forms(judge, member):
                if isinstance(form.schema, dict):
                    aliases += form.schema.get("x-alias", ())
                    yield from _declared(judge, form, (*path, name))
            yield Field((*path, name), (name, *aliases))


def _forms(judge: Judge, step: Step) -> Iterator[Step]:
    """A schema, and where it allows several forms, each of them."""
    for form in follow(judge.resources, step):
        yield form
        for index, branch in enumerate(form.schema.get("anyOf", ()) if isinstance(form.schema, dict) else ()):
            yield from follow(judge.resources, Step(branch, Place(form.place.uri, (*form.place.path, "anyOf", index))))


def _likeness(
    index: _Index, members: tuple[_Member, ...], inner: tuple[tuple[str, str], ...]
) -> tuple[float, tuple[tuple[Path, Path], ...]]:
    score = 0.0
    renames: list[tuple[Path, Path]] = []
    taken: set[Path] = {(member.key,) for member in members if member.key in index.top}
    for key, name, words in members:
        if key in index.top:
            score += _EXACT
            continue
        score -= _STRANGE
        alias, same = index.aliases.get(key), index.folded.get(name)
        target, value = (alias, _ALIAS) if alias is not None else (same, _FOLDED)
        if target is not None and target not in taken:
            score += value
            renames.append(((key,), target))
            taken.add(target)
        elif not index.words.isdisjoint(words):
            score += _PART
    for key, name in inner:
        # What a producer keeps in an envelope may be a member of the record here.
        if key not in index.holders and name in index.top and (name,) not in taken:
            renames.append(((key, name), (name,)))
            taken.add((name,))
    return score, tuple(renames)


def obstacles(catalog: Catalog, near: Nearest, record: dict[str, Any], engine: EngineName = "rust", file: str = "") -> str:
    """All that keeps the record from being an instance of the nearest contract: a line a change, in words its owner can act on.

    `file` is where the record stands, if in one.
    """
    contract = near.contract
    kept_off = catalog.keeps_off(contract, file) if file else None
    if kept_off is not None:
        return (
            f"what lies on the path {kept_off} is never {contract.label}: append what is to be kept to a file such as {contract.paths[0]}, "
            f"leave this one out, or check it with --contract {contract.name}"
        )
    draft, moves = _renamed(record, near)
    additions, changes = [], []
    for name, constant in contract.discriminator:
        if name not in draft:
            additions.append(f"{name}: {show(constant)}")
        elif draft[name] != constant:
            changes.append(f"set {name} to {show(constant)}")
        draft[name] = constant
    judge = catalog.judge(contract, engine)
    for source, target, value in _inside(judge, draft):
        changes.append(f"set {target} to {show(value)}, which {_dotted(source)} holds")
        draft[target] = value
    found = diagnose(judge, draft, contract.name)
    absent = [_dotted(item.path) for item in found if item.missing and item.severity == "error"]
    wrong = [item for item in found if item.severity == "error" and not item.missing]
    misspelt = [item for item in wrong if item.meant]
    undeclared = [item for item in wrong if item.keyword == "additionalProperties" and not item.meant and len(item.path) == 1]
    told = {id(item) for item in (*misspelt, *undeclared)}
    lines = []
    if additions or absent:
        lines.append("add " + _all([*additions, *absent]))
    lines += [
        f"{'rename' if len(source) == len(target) == 1 else 'move'} {_dotted(source)} to {_dotted(target)}" for source, target in moves
    ]
    lines += [f"rename {_dotted(item.path)} to {item.meant}" for item in misspelt]
    lines += changes
    lines += [f"change {_dotted(item.path) or 'the record'} [{item.rule}]: {_sentence(item)}" for item in wrong if id(item) not in told]
    if undeclared:
        names = _all([quoted(str(item.path[-1]), 40) for item in undeclared])
        own = OWN_NAME in undeclared[0].help
        lines.append(f"remove {names}" + (f", or begin {'its name' if len(undeclared) == 1 else 'their names'} with x-" if own else ""))
    if not lines:
        way = f", or keep it on a path such as {contract.paths[0]}" if contract.paths else ""
        other = "; where it is no such record, leave its folder out of the check" if contract.paths else ""
        return f"it has the form of {contract.label}: check it with --contract {contract.name}{way}{other}"
    return "\n".join([f"what would make it {contract.label}:", *lines])


def _all(names: list[str]) -> str:
    return join_words(names, "and", len(names))


def _sentence(item: Diagnosis) -> str:
    return f"{item.message}: {item.detail}" if item.detail else item.message


def _inside(judge: Judge, draft: Mapping[str, Any]) -> list[tuple[Path, str, Any]]:
    """Where a member is an object and one of certain words is wanted: the member of that object which is such a word."""
    wanting = dict.fromkeys(
        str(failure.instance_path[0])
        for failure in judge.failures(draft)
        if len(failure.instance_path) == 1 and failure.evaluation_path[-1:] in (("enum",), ("const",))
    )
    found: list[tuple[Path, str, Any]] = []
    for name in wanting:
        members = draft[name] if isinstance(draft[name], dict) else {}
        for key, value in islice(members.items(), _MOST_INSIDE):
            if isinstance(value, (str, int, bool)) and not any(
                failure.instance_path[:1] == (name,) for failure in judge.failures({**draft, name: value})
            ):
                found.append(((name, key), name, value))
                break
    return found


def _dotted(path: Path) -> str:
    return ".".join(quoted(str(token), 40) for token in path)


def _renamed(record: dict[str, Any], near: Nearest) -> tuple[dict[str, Any], list[tuple[Path, Path]]]:
    draft: Any = record
    moves = []
    order = {key: index for index, key in enumerate(record)}
    for source, target in sorted(near.renames, key=lambda rename: order.get(str(rename[0][0]), 0)):
        value = lookup(draft, source)
        if value is ABSENT or lookup(draft, target) is not ABSENT:
            continue
        draft = _placed(_placed(draft, source, ABSENT), target, value)
        moves.append((source, target))
    return dict(draft), moves


def _placed(node: Any, path: Path, value: Any) -> Any:
    """A copy with a member set, or with ABSENT removed; the record in hand is never changed."""
    copy = dict(node) if isinstance(node, dict) else {}
    if len(path) > 1:
        copy[path[0]] = _placed(copy.get(path[0]), path[1:], value)
    elif value is ABSENT:
        copy.pop(path[0], None)
    else:
        copy[path[0]] = value
    return copy


def what_it_is(record: Any) -> str:
    """How a record that is near to no contract is spoken of."""
    return (
        "the record has no member in common with any contract"
        if isinstance(record, dict)
        else f"the record is {a_kind(kind(record))}, not an object"
    )


@lru_cache(maxsize=4096)
def _words(name: str) -> frozenset[str]:
    words: list[str] = []
    for part in name.replace("-", "_").split("_"):
        word = ""
        for character in part:
            if character.isupper() and word and not word[-1].isupper():
                words.append(word.lower())
                word = ""
            word += character
        words.append(word.lower())
    return frozenset(word for word in words if word)
