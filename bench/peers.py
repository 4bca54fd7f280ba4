"""The other validators, in environments of their own: two of them install a command named `jsonschema`.

A peer that cannot be had is a value too, so that its rows say why they are empty.
"""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["Peer", "ajv", "check_jsonschema", "dispatch_schema", "sourcemeta"]

ROOT = Path(__file__).resolve().parent.parent
BENCH = ROOT / "bench"
SCHEMAS = ROOT / "schemas"
_BASE_URI = "https://schemas.srcos.ai/"
_ARCHITECTURES = {"amd64": "x86_64", "aarch64": "arm64"}


class Peer(NamedTuple):
    """Another validator."""

    name: str
    command: tuple[str, ...]
    """The words that begin every call; empty where it cannot be run."""
    missing: str = ""
    """Why it cannot be run."""


class _Unavailable(RuntimeError):
    pass


def check_jsonschema() -> Peer:
    """check-jsonschema, the usual command line around python-jsonschema."""
    try:
        environment = _environment("check-jsonschema")
    except _Unavailable as why:
        return Peer("check-jsonschema", (), str(why))
    return Peer(f"check-jsonschema {_pinned('check-jsonschema')}", (str(environment / "bin" / "check-jsonschema"),))


def sourcemeta() -> Peer:
    """The native binary of sourcemeta's command line. The command that the package installs is a Python script around it."""
    machine = platform.machine().lower()
    name = f"jsonschema-{platform.system().lower()}-{_ARCHITECTURES.get(machine, machine)}"
    try:
        environment = _environment("sourcemeta")
    except _Unavailable as why:
        return Peer("sourcemeta", (), str(why))
    binaries = list(environment.glob(f"lib*/python*/site-packages/sourcemeta_jsonschema/{name}"))
    if not binaries:
        return Peer("sourcemeta", (), f"the package holds no {name}")
    return Peer(f"sourcemeta {_pinned('sourcemeta')}", (str(binaries[0]),))


def ajv() -> Peer:
    """Ajv with its formats, in a script that reads a ledger."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return Peer("Ajv", (), "Node and npm are not installed")
    folder = BENCH / "node"
    wanted = (folder / "package.json").read_text()
    stamp = folder / "node_modules" / ".made-from"
    if not stamp.exists() or stamp.read_text() != wanted:
        command = [npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]
        if subprocess.run(command, cwd=folder, stdout=sys.stderr).returncode:
            return Peer("Ajv", (), "it could not be installed")
        stamp.write_text(wanted)
    version = json.loads(wanted)["dependencies"]["ajv"]
    engine = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return Peer(f"Ajv {version} on Node {engine.removeprefix('v')}", (node, str(BENCH / "ajv.mjs"), str(SCHEMAS)))


def dispatch_schema(file: Path) -> None:
    """Writes one self-contained schema of all contracts: the first `if` whose discriminator a record has leads to its contract."""
    catalog = json.loads((SCHEMAS / "catalog.json").read_bytes())
    entries = [entry for entry in catalog["schemas"] if entry["x-contract"].get("discriminator")]
    chain: Any = False
    for entry in reversed(entries):
        constants = entry["x-contract"]["discriminator"]
        recognised = {"required": list(constants), "properties": {name: {"const": constant} for name, constant in constants.items()}}
        chain = {"if": recognised, "then": {"$ref": entry["url"]}, "else": chain}
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{_BASE_URI}bench/dispatch.json",
        "type": "object",
        **chain,
        "$defs": {
            **{entry["url"]: json.loads((SCHEMAS / entry["x-contract"]["file"]).read_bytes()) for entry in entries},
            **_shared_definitions(),
        },
    }
    file.write_text(json.dumps(schema, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _shared_definitions() -> dict[str, Any]:
    uris = {_BASE_URI + path.relative_to(SCHEMAS).as_posix(): path for path in sorted(SCHEMAS.glob("defs/*/*.json"))}
    return {uri: {"$id": uri, **json.loads(path.read_bytes())} for uri, path in uris.items()}


def _pinned(name: str) -> str:
    """The version of the package in question, which is the one that the file of requirements is named after."""
    requirements = (BENCH / f"requirements-{name}.txt").read_text().splitlines()
    return next(line.partition("==")[2] for line in requirements if line.startswith(name))


def _environment(name: str) -> Path:
    """A virtual environment that holds what `requirements-NAME.txt` pins. Raises _Unavailable where it cannot be made."""
    environment = ROOT / f".venv-bench-{name}"
    requirements = BENCH / f"requirements-{name}.txt"
    stamp = environment / ".made-from"
    if stamp.exists() and stamp.read_text() == requirements.read_text():
        return environment
    python = str(environment / "bin" / "python")
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(environment)],
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", str(requirements)],
    ):
        if subprocess.run(command, stdout=sys.stderr).returncode:
            raise _Unavailable("it could not be installed")
    stamp.write_text(requirements.read_text())
    return environment


if __name__ == "__main__":
    # Installs what the integration tests ask for verdicts, and says where the one is that is not on any path.
    for peer in (ajv(), sourcemeta()):
        if peer.missing:
            print(f"{peer.name} is not to be had: {peer.missing}", file=sys.stderr)
    print(*sourcemeta().command)
