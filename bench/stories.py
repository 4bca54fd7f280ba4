"""The sets of the benchmark: ledgers in which what is referred to is there, made from the stored sets that break no rule.

A story is one stored set, or what is left of it when only records are taken that say themselves what they are. A copy of a
story has its own ids, references, digests and times, the same in all its records, so that it holds together as the stored set
does. What may vary is found out by checking, and a story counts only where an audit of some copies finds nothing: a new rule or
a new stored set needs nothing here. A note of free text makes each record about MEAN_BYTES long.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import random
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from generate import FOLDER, MEAN_BYTES, ROOT, Seal, Slot, claim_of, replaced, sealed, seals_of, slot_of, strings_in, text_of, time_of

from srcos_contracts import Catalog, check
from srcos_contracts.checking import Demands
from srcos_contracts.evolve.sets import SET_FOLDER, SetExample, set_examples
from srcos_contracts.ledger.audit import Terms, audit
from srcos_contracts.reading.source import select

__all__ = ["GROWTH", "SetLedger", "set_ledger"]

GROWTH = (100_000, 1_000_000, 3_000_000)
"""How many records the ledgers have that are compared."""

_SEED = 20260519
_TRIED = 3
_FREE = "x-notes"
_NOTE = "It was noted for whoever reads this later, and nothing depends on it. "
_HEX_BYTES = 256
_CUT = re.compile("\ue000(\\d+)\ue001")


class SetLedger(NamedTuple):
    """A generated ledger that is a closed set."""

    path: Path
    records: int
    mean: float
    """Bytes of a record, with its newline."""


class _Line(NamedTuple):
    """A record's text, cut where it varies."""

    texts: Sequence[str]
    """One more than there are places."""
    places: Sequence[int]
    """Which of the story's slots stands between two texts."""
    seals: Sequence[Seal]
    seal: str
    """The digest that the stored record has; its copies have others."""


class _Story(NamedTuple):
    """A stored set, cut where copies of it vary."""

    slots: Sequence[Slot]
    lines: Sequence[_Line]

    def copy(self, index: int, chance: random.Random) -> Iterator[str]:
        digits = chance.randbytes(_HEX_BYTES).hex()
        varied = [slot.text(index, digits) for slot in self.slots]
        renewed: list[tuple[str, str]] = []
        for line in self.lines:
            parts = [line.texts[0]]
            for place, text in zip(line.places, line.texts[1:], strict=True):
                parts += (varied[place], text)
            record = "".join(parts)
            # Later records may name the digest of an earlier one.
            for old, new in renewed:
                record = record.replace(old, new)
            if line.seals:
                value = sealed(json.loads(record), line.seals)
                if line.seal:
                    renewed.append((line.seal, _seal(value, line.seals)))
                record = text_of(value)
            yield record


def set_ledger(records: int) -> SetLedger:
    """A closed set of so many records, but for the last story where it would be broken off.

    It is made anew where the contracts, the stored sets or the generator have changed.

    Raises ValueError where the copies of the stories break a rule together.
    """
    path = FOLDER / f"set-{records}.jsonl"
    sources = [*sorted(Path(__file__).parent.glob("*.py")), *sorted(ROOT.glob("examples/sets/valid/**/*.json*"))]
    sources += [*sorted(ROOT.glob("schemas/bundles/*/*.json")), *sorted(ROOT.glob("src/srcos_contracts/ledger/*/*.sql"))]
    made_from = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
    stamp = path.with_suffix(".made-from")
    if not stamp.exists() or stamp.read_text() != made_from:
        FOLDER.mkdir(parents=True, exist_ok=True)
        stamp.unlink(missing_ok=True)
        stories = _stories()
        with path.open("w", encoding="utf-8") as out:
            out.writelines(record + "\n" for record in _records(stories, records))
        stamp.write_text(made_from)
    return SetLedger(path, records, path.stat().st_size / records)


def _records(stories: Sequence[_Story], most: int) -> Iterator[str]:
    chance = random.Random(_SEED)
    left = most
    for index in itertools.count():
        for story in stories:
            # A story that is broken off would break rules.
            left -= len(story.lines)
            if left < 0:
                return
            yield from story.copy(index, chance)


def _stories() -> list[_Story]:
    found: list[_Story] = []
    for example in set_examples(ROOT / "examples" / "sets"):
        records = _records_of(example) if not example.rule else []
        story = _story(records, len(found)) if records else None
        if story is not None and not _breaches([story]):
            found.append(story)
    if not found or (rules := _breaches(found)):
        raise ValueError(f"copies of the stored sets break {', '.join(sorted(rules)) if found else 'rules, each of them'}")
    return found


def _records_of(example: SetExample) -> list[Any]:
    files = sorted((example.folder / SET_FOLDER).rglob("*.jsonl"))
    records = [json.loads(line) for file in files for line in file.read_bytes().splitlines()]
    return [record for record in records if claim_of(record) is not None]


def _breaches(stories: Sequence[_Story]) -> set[str]:
    """The rules that some copies of the stories break together."""
    chance = random.Random(_SEED)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "copies.jsonl")
        copies = (record for index in range(_TRIED) for story in stories for record in story.copy(index, chance))
        path.write_text("".join(record + "\n" for record in copies), encoding="utf-8")
        batches = audit(Catalog.shipped(), select([str(path)]).sources, Demands(), Terms())
        return {finding.rule for batch in batches for finding in batch.findings}


def _story(records: Sequence[Any], number: int) -> _Story | None:
    """The story of some records; `number` keeps the names of stories apart. None where a record cannot vary at all."""
    filled = [_filled(record) for record in records]
    seals = [seals_of(record) for record in filled]
    digests = [_seal(record, one) if one else "" for record, one in zip(filled, seals, strict=True)]
    slots: dict[str, Slot] = {}
    strings = list(dict.fromkeys(text for record in filled for text in strings_in(record)))
    times = {text: time for text in strings if (time := time_of(text)) is not None}
    if all(
        _accepted(replaced(record, {text: time.text(1, "") for text, time in times.items()}), one)
        for record, one in zip(filled, seals, strict=True)
    ):
        slots.update(times)
    for text in strings:
        slot = slot_of(text, number * 100 + len(slots)) if text not in slots and text not in digests else None
        if slot is None:
            continue
        changed = {text: slot.text(1, "0123456789abcdef" * 32)}
        named = [(record, one) for record, one in zip(filled, seals, strict=True) if text in strings_in(record)]
        if all(_accepted(replaced(record, changed), one) for record, one in named):
            slots[text] = slot
    places = {text: f"\ue000{place}\ue001" for place, text in enumerate(slots)}
    lines = []
    for record, one, digest in zip(filled, seals, digests, strict=True):
        pieces = _CUT.split(text_of(replaced(record, places)))
        lines.append(_Line(pieces[::2], [int(place) for place in pieces[1::2]], one, digest))
    return _Story(list(slots.values()), lines) if all(line.places for line in lines) else None


def _filled(record: Any) -> Any:
    """The record with a note that makes it as long as the others, where its contract lets producers add members of their own."""
    missing = MEAN_BYTES - len(text_of({**record, _FREE: ""}))
    longer = {**record, _FREE: (_NOTE * (missing // len(_NOTE) + 1))[:missing]} if missing > 0 else record
    return longer if _accepted(longer, seals_of(record)) else record


def _accepted(record: Any, seals: Sequence[Seal]) -> bool:
    return not check(sealed(record, seals))


def _seal(record: Any, seals: Sequence[Seal]) -> str:
    value: Any = record
    for token in seals[0].value:
        value = value.get(token) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


if __name__ == "__main__":
    made = set_ledger(GROWTH[1])
    print(f"{made.path}: {made.records:,} records, mean {made.mean:.0f} bytes")
