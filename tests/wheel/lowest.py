"""The lowest versions of its direct dependencies that the project allows, as requirements: what `make test-lowest` installs.

python tests/wheel/lowest.py [EXTRA...]
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"
_BOUND = re.compile(r"([\w.-]+)(?:>=|==)([\w.]+)(?:,<[\w.]+)?")


def lowest(extras: list[str]) -> list[str]:
    """`NAME==VERSION` for each dependency, and each of the extras. Raises ValueError where one has no lower bound."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *(item for extra in extras for item in project["optional-dependencies"][extra])]
    pins = {}
    for requirement in wanted:
        match = _BOUND.fullmatch(requirement)
        if match is None:
            raise ValueError(f"{requirement} does not say a lowest version")
        pins[match[1]] = match[2]
    return [f"{name}=={version}" for name, version in pins.items()]


if __name__ == "__main__":
    print("\n".join(lowest(sys.argv[1:])))
