"""The data of the benchmark: ledgers of mixed valid records, and one payload, made from the full valid examples of the contracts.

Each record is a full example with its own ids, references, digests, times and list lengths. What may vary is found out by
checking, so a new contract needs nothing here. The seed is fixed: the same examples give the same bytes.
"""

from __future__ import annotations

import copy
import hashlib
import json
import random
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import rfc8785

from srcos_contracts import Catalog, check
from srcos_contracts.contracts.catalog import Claim

__all__ = [
    "FOLDER",
    "MANY",
    "MEAN_BYTES",
    "ROOT",
    "SOME",
    "Data",
    "Seal",
    "Slot",
    "claim_of",
    "data",
    "replaced",
    "sealed",
    "seals_of",
    "slot_of",
    "strings_in",
    "text_of",
    "time_of",
]

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "bench" / "data"
MANY = 150_000
SOME = MANY // 10
MEAN_BYTES = 1200

_SEED = 20260506
_MOST_EXTRA = 49
_PLAIN_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_HEX = re.compile(r"(?:sha256:)?([0-9a-f]{40,64})")
_NUMBERED = re.compile(r"(\S*[A-Za-z][^\s/]*[-#:])\d+")
_REFERENCE = re.compile(r"[a-z][a-z0-9+.-]*:[^\s/@]+")


class Data(NamedTuple):
    """Where the generated files are."""

    many: Path
    some: Path
    payload: Path
    bundle: str
    """The payload's contract in its self-contained form, under schemas/."""
    mean: float
    """Bytes of a record, with its newline."""


class Time(NamedTuple):
    instant: datetime
    zulu: bool

    def text(self, index: int, random_bytes: str) -> str:
        shown = (self.instant + timedelta(seconds=17 * index)).isoformat()
        return shown.removesuffix("+00:00") + "Z" if self.zulu else shown


class Digest(NamedTuple):
    prefix: str
    start: int
    length: int

    def text(self, index: int, random_bytes: str) -> str:
        return self.prefix + (random_bytes[self.start :] + random_bytes)[: self.length]


class Name(NamedTuple):
    prefix: str
    number: int

    def text(self, index: int, random_bytes: str) -> str:
        return f"{self.prefix}{index:06d}{self.number:04d}"


class Seal(NamedTuple):
    """A digest over the rest of the record, as `x-digest` says it."""

    value: tuple[str, ...]
    omit: tuple[tuple[str, ...], ...]


Slot = Time | Digest | Name


class _Template(NamedTuple):
    """An example's text, cut where it varies."""

    texts: list[str]
    """One more than there are slots."""
    slots: list[Slot | list[Name]]
    """What stands between two texts: one string, or the names that may be added to a list."""
    seals: Sequence[Seal]

    def record(self, index: int, extra: int, chance: random.Random) -> str:
        random_bytes = chance.randbytes(32).hex()
        parts = [self.texts[0]]
        for slot, text in zip(self.slots, self.texts[1:], strict=True):
            if isinstance(slot, list):
                parts += [f',"{name.text(index, random_bytes)}"' for name in slot[: chance.randint(0, extra)]]
            else:
                parts.append(slot.text(index, random_bytes))
            parts.append(text)
        record = "".join(parts)
        return text_of(sealed(json.loads(record), self.seals)) if self.seals else record


def data() -> Data:
    """The files, made anew where the contracts, their examples or this module have changed."""
    examples = sorted(ROOT.glob("examples/*/*/valid/full*.json"))
    sources = [Path(__file__), *examples, *sorted(ROOT.glob("schemas/bundles/*/*.json"))]
    found = Data(FOLDER / "mixed.jsonl", FOLDER / "mixed-small.jsonl", FOLDER / "payload.json", "", 0)
    stamp = FOLDER / "made-from"
    made_from = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    if not stamp.exists() or stamp.read_text() != made_from:
        FOLDER.mkdir(parents=True, exist_ok=True)
        stamp.unlink(missing_ok=True)
        records = [json.loads(path.read_bytes()) for path in examples]
        # In a mixed ledger only those that say of themselves what they are can be recognised, here and by every peer.
        _write(found, [_template(record) for record in records if claim_of(record) is not None])
        stamp.write_text(made_from)
    return found._replace(bundle=_bundle(found.payload), mean=found.many.stat().st_size / MANY)


def _bundle(payload: Path) -> str:
    claim = claim_of(json.loads(payload.read_bytes()))
    assert claim is not None
    return claim.contract.bundle


def claim_of(record: Any) -> Claim | None:
    return Catalog.shipped().claim(record)


def _write(found: Data, templates: list[_Template]) -> None:
    extra = _extra(templates)
    with found.many.open("w", encoding="utf-8") as many, found.some.open("w", encoding="utf-8") as some:
        for index, record in enumerate(_records(templates, extra, MANY)):
            many.write(record + "\n")
            if index < SOME:
                some.write(record + "\n")
            if index == 0:
                found.payload.write_text(json.dumps(json.loads(record), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _records(templates: list[_Template], extra: int, count: int) -> Iterator[str]:
    chance = random.Random(_SEED)
    for index in range(count):
        yield templates[chance.randrange(len(templates))].record(index, extra, chance)


def _extra(templates: list[_Template]) -> int:
    """How many names a list may grow by, so that the mean size comes out."""

    def miss(extra: int) -> float:
        sample = 4000
        return abs(sum(len(record) + 1 for record in _records(templates, extra, sample)) / sample - MEAN_BYTES)

    return min(range(_MOST_EXTRA + 1), key=miss)


def _template(example: Any) -> _Template:
    seals = seals_of(example)
    slots = _slots(example, seals)
    growing = _growing(example, slots, seals)
    # Marks are made of characters that no example has.
    marked = replaced(example, {text: f"\ue000{place}\ue001" for place, text in enumerate(slots)})
    cuts: list[Slot | list[Name]] = list(slots.values())
    for items, names in growing:
        _at_the_same_place(example, marked, items).append(f"\ue002{len(cuts)}\ue001")
        cuts.append(names)
    pieces = re.split(r',"\ue002(\d+)\ue001"|\ue000(\d+)\ue001', text_of(marked))
    places = [int(grown or single) for grown, single in zip(pieces[1::3], pieces[2::3], strict=True)]
    return _Template(pieces[::3], [cuts[place] for place in places], seals)


def _slots(example: Any, seals: Sequence[Seal]) -> dict[str, Slot]:
    """The strings that may vary, and how. Times move together, so that they stay in order; everything else varies by itself."""
    strings = list(dict.fromkeys(strings_in(example)))
    slots: dict[str, Slot] = {text: time for text in strings if (time := time_of(text)) is not None}
    if not _accepted(replaced(example, {text: time.text(1, "") for text, time in slots.items()}), seals):
        slots = {}
    for text in strings:
        slot = slot_of(text, len(slots)) if text not in slots else None
        if slot is not None and _accepted(replaced(example, {text: slot.text(1, "0123456789abcdef" * 4)}), seals):
            slots[text] = slot
    return slots


def _growing(example: Any, slots: dict[str, Slot], seals: Sequence[Seal]) -> list[tuple[list[Any], list[Name]]]:
    """The lists that may have more names than the example's, and those names."""
    found = []
    for number, items in enumerate(_lists_of_names(example, slots), len(slots) + 1):
        first = slots[items[0]]
        assert isinstance(first, Name)
        names = [Name(first.prefix, number * 50 + step) for step in range(_MOST_EXTRA + 1)]
        items += [name.text(1, "") for name in names]
        if _accepted(example, seals):
            found.append((items, names))
        del items[-len(names) :]
    return found


def slot_of(text: str, place: int) -> Slot | None:
    if digits := _HEX.fullmatch(text):
        return Digest(text[: digits.start(1)], 2 * place, len(digits[1]))
    if _PLAIN_DATE.match(text):
        return None
    if name := _NUMBERED.fullmatch(text):
        return Name(name[1], place * 50)
    return Name(text + "-", place * 50) if _REFERENCE.fullmatch(text) else None


def time_of(text: str) -> Time | None:
    try:
        time = Time(datetime.fromisoformat(text), text.endswith("Z"))
    except ValueError:
        return None
    return time if time.instant.tzinfo is not None and time.text(0, "") == text else None


def _accepted(record: Any, seals: Sequence[Seal]) -> bool:
    return not check(sealed(record, seals))


def text_of(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def seals_of(example: Any) -> list[Seal]:
    claim = claim_of(example)
    schema = Catalog.shipped().document(claim.contract.bundle) if claim is not None else {}
    digests = [clause["x-digest"] for clause in (schema, *schema.get("allOf", ())) if "x-digest" in clause]
    return [Seal(_tokens(digest["value"]), tuple(_tokens(place) for place in digest["omit"])) for digest in digests]


def _tokens(pointer: str) -> tuple[str, ...]:
    return tuple(pointer.split("/")[1:])


def sealed(record: Any, seals: Sequence[Seal]) -> Any:
    """The record with its digests made anew, where it has any."""
    for seal in seals:
        holder = _holder(record, seal.value)
        if holder is not None and seal.value[-1] in holder:
            rest = copy.deepcopy(record)
            for place in seal.omit:
                (_holder(rest, place) or {}).pop(place[-1], None)
            holder[seal.value[-1]] = f"sha256:{hashlib.sha256(rfc8785.dumps(rest)).hexdigest()}"
    return record


def _holder(record: Any, place: tuple[str, ...]) -> dict[str, Any] | None:
    for token in place[:-1]:
        record = record.get(token) if isinstance(record, dict) else None
    return record if isinstance(record, dict) else None


def strings_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from strings_in(item)
    elif isinstance(value, dict):
        for key, member in value.items():
            yield key
            yield from strings_in(member)


def _lists_of_names(value: Any, slots: dict[str, Slot]) -> Iterator[list[Any]]:
    if isinstance(value, dict):
        for member in value.values():
            yield from _lists_of_names(member, slots)
    elif isinstance(value, list):
        if value and isinstance(value[0], str) and isinstance(slots.get(value[0]), Name):
            yield value
        for item in value:
            yield from _lists_of_names(item, slots)


def replaced(value: Any, strings: dict[str, str]) -> Any:
    if isinstance(value, str):
        return strings.get(value, value)
    if isinstance(value, list):
        return [replaced(item, strings) for item in value]
    if isinstance(value, dict):
        return {strings.get(key, key): replaced(member, strings) for key, member in value.items()}
    return value


def _at_the_same_place(original: Any, copy: Any, wanted: list[Any]) -> list[Any]:
    """The part of `copy` that stands where `wanted` stands in `original`."""
    pending = [(original, copy)]
    while pending:
        one, other = pending.pop()
        if one is wanted:
            assert isinstance(other, list)
            return other
        if isinstance(one, dict):
            pending += zip(one.values(), other.values(), strict=True)
        elif isinstance(one, list):
            pending += zip(one, other, strict=True)
    raise LookupError("the list is no part of the original")


if __name__ == "__main__":
    made = data()
    print(f"{made.many}: {MANY:,} records, mean {made.mean:.0f} bytes")
