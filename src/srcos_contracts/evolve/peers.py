"""Other validators, asked for their verdicts on the plain JSON Schema part of the cases. Used where they are installed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from srcos_contracts.exact import exact_text
from srcos_contracts.named import NamedTuple
from srcos_contracts.refusal import Refusal
from srcos_contracts.temporary import temporary_folder

__all__ = ["Peer", "PeerFailed", "Peers", "find_peers"]

_TIMEOUT_SECONDS = 120


class PeerFailed(Refusal):
    """Another validator could not be run, or did not answer as it should."""


_Verdicts = Callable[[dict[str, Any], Sequence[Any]], list[bool]]


class Peer(NamedTuple):
    """A validator that is none of ours."""

    name: str
    verdicts: _Verdicts
    """From a self-contained schema and records to whether each is valid. Raises PeerFailed."""


class Peers(NamedTuple):
    """The validators of others that are at hand, and those that are not."""

    found: tuple[Peer, ...] = ()
    missing: tuple[tuple[str, str], ...] = ()
    """Names, each with why it cannot be asked."""


def find_peers(root: Path) -> Peers:
    """The peers at hand: Ajv, where Node is and a node_modules under `root` or named by NODE_PATH has it; sourcemeta's
    validator, where the variable SOURCEMETA_JSONSCHEMA names its program or a command `jsonschema` is it.
    """
    found, missing = [], []
    for name, wanted in (("Ajv 2020", _find_ajv(root)), ("sourcemeta", _find_sourcemeta())):
        if isinstance(wanted, str):
            missing.append((name, wanted))
        else:
            found.append(Peer(name, wanted))
    return Peers(tuple(found), tuple(missing))


def _find_ajv(root: Path) -> _Verdicts | str:
    """The function that asks it, or why there is none."""
    node, modules = shutil.which("node"), _node_modules(root)
    if node is None:
        return "there is no node"
    if modules is None:
        return "no node_modules here or in NODE_PATH has ajv and ajv-formats"
    return _ajv(node, modules)


def _find_sourcemeta() -> _Verdicts | str:
    program = os.environ.get("SOURCEMETA_JSONSCHEMA") or shutil.which("jsonschema")
    if program is None:
        return "there is no command jsonschema, and SOURCEMETA_JSONSCHEMA names none"
    try:
        said = subprocess.run([program, "help"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return f"{program} cannot be run"
    if "by Sourcemeta" not in said.stdout + said.stderr:
        return f"{program} is another program; SOURCEMETA_JSONSCHEMA may name the right one"
    return _asked_sourcemeta(program)


def _node_modules(root: Path) -> Path | None:
    named = [Path(folder) for folder in os.environ.get("NODE_PATH", "").split(os.pathsep) if folder]
    for folder in (*named, root / "node_modules", root / "bench/node/node_modules"):
        if (folder / "ajv/dist/2020.js").is_file() and (folder / "ajv-formats").is_dir():
            return folder.resolve()
    return None


def _ajv(node: str, modules: Path) -> _Verdicts:
    script = Path(__file__).with_name("ajv.mjs")

    def verdicts(schema: dict[str, Any], records: Sequence[Any]) -> list[bool]:
        question = exact_text({"schema": schema, "records": list(records)}) + "\n"
        answer = _run("Ajv", [node, str(script), str(modules)], question)
        try:
            return [bool(verdict) for verdict in json.loads(answer)]
        except ValueError:
            raise PeerFailed(f"Ajv gave no verdicts: {answer.strip()[:300]}") from None

    return verdicts


def _asked_sourcemeta(program: str) -> _Verdicts:
    def verdicts(schema: dict[str, Any], records: Sequence[Any]) -> list[bool]:
        # One file a record: of a JSONL file it does not give the verdicts in the order of the lines.
        with temporary_folder("srcos-peer-") as folder:
            schema_file, records_folder = Path(folder, "schema.json"), Path(folder, "records")
            schema_file.write_text(exact_text(schema), encoding="utf-8")
            records_folder.mkdir()
            for index, record in enumerate(records):
                (records_folder / f"{index}.json").write_text(exact_text(record), encoding="utf-8")
            options = ["--continue", "--fast", "--format-assertion"]
            answer = _run("sourcemeta", [program, "validate", str(schema_file), str(records_folder), *options], "")
        failed = {int(number) for number in re.findall(r"^fail: .*?(\d+)\.json$", answer, re.MULTILINE)}
        if f"{len(records)} validated, {len(records) - len(failed)} passed" not in answer:
            raise PeerFailed(f"sourcemeta gave no verdict on some of {len(records)} records: {answer.strip()[-200:]}")
        return [index not in failed for index in range(len(records))]

    return verdicts


def _run(name: str, command: list[str], question: str) -> str:
    try:
        done = subprocess.run(command, input=question, capture_output=True, text=True, timeout=_TIMEOUT_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PeerFailed(f"{name} could not be run: {error}") from error
    if not (done.stdout + done.stderr).strip():
        raise PeerFailed(f"{name} gave no verdicts")
    return done.stdout + done.stderr
