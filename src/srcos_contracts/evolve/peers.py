"""Other validators, asked for their verdicts on the plain JSON Schema part of the cases. Used where they are installed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from srcos_contracts.refusal import Refusal

__all__ = ["Peer", "PeerFailed", "find_peers"]

_TIMEOUT_SECONDS = 120


class PeerFailed(Refusal):
    """Another validator could not be run, or did not answer as it should."""


class Peer(NamedTuple):
    """A validator that is none of ours."""

    name: str
    verdicts: Callable[[dict[str, Any], Sequence[Any]], list[bool]]
    """From a self-contained schema and records to whether each is valid. Raises PeerFailed."""


def find_peers(root: Path) -> tuple[Peer, ...]:
    """The peers at hand: Ajv, where Node is and a node_modules under `root` or named by NODE_PATH has it; sourcemeta's
    validator, where the variable SOURCEMETA_JSONSCHEMA names its program or a command `jsonschema` is it.
    """
    peers = []
    modules = _node_modules(root)
    node = shutil.which("node")
    if node is not None and modules is not None:
        peers.append(Peer("Ajv 2020", _ajv(node, modules)))
    sourcemeta = _sourcemeta()
    if sourcemeta is not None:
        peers.append(Peer("sourcemeta", _asked_sourcemeta(sourcemeta)))
    return tuple(peers)


def _node_modules(root: Path) -> Path | None:
    named = [Path(folder) for folder in os.environ.get("NODE_PATH", "").split(os.pathsep) if folder]
    for folder in (*named, root / "node_modules", root / "bench/node/node_modules"):
        if (folder / "ajv/dist/2020.js").is_file() and (folder / "ajv-formats").is_dir():
            return folder.resolve()
    return None


def _sourcemeta() -> str | None:
    named = os.environ.get("SOURCEMETA_JSONSCHEMA") or shutil.which("jsonschema")
    if named is None:
        return None
    try:
        said = subprocess.run([named, "help"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return named if "by Sourcemeta" in said.stdout + said.stderr else None


def _ajv(node: str, modules: Path) -> Callable[[dict[str, Any], Sequence[Any]], list[bool]]:
    script = Path(__file__).with_name("ajv.mjs")

    def verdicts(schema: dict[str, Any], records: Sequence[Any]) -> list[bool]:
        question = json.dumps({"schema": schema, "records": list(records)}, default=float) + "\n"
        answer = _run("Ajv", [node, str(script), str(modules)], question)
        try:
            return [bool(verdict) for verdict in json.loads(answer)]
        except ValueError:
            raise PeerFailed(f"Ajv gave no verdicts: {answer.strip()[:300]}") from None

    return verdicts


def _asked_sourcemeta(program: str) -> Callable[[dict[str, Any], Sequence[Any]], list[bool]]:
    def verdicts(schema: dict[str, Any], records: Sequence[Any]) -> list[bool]:
        # One file a record: of a JSONL file it does not give the verdicts in the order of the lines.
        with tempfile.TemporaryDirectory() as folder:
            schema_file, records_folder = Path(folder, "schema.json"), Path(folder, "records")
            schema_file.write_text(json.dumps(schema), encoding="utf-8")
            records_folder.mkdir()
            for index, record in enumerate(records):
                (records_folder / f"{index}.json").write_text(json.dumps(record, default=float), encoding="utf-8")
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
