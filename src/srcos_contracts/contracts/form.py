"""Files of our own, held to the schemas that schemas/meta has for them, with what their writers most likely meant."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from jiter import from_json

from srcos_contracts.contracts.catalog import BASE_URI, shipped_root
from srcos_contracts.contracts.judge import Judge

if TYPE_CHECKING:
    from srcos_contracts.contracts.fault import Diagnosis

__all__ = ["faults_of"]


def faults_of(form: str, value: Any, name: str) -> list[Diagnosis]:
    """What is wrong with a value of JSON data by the schema `form` in schemas/meta. `name` is what messages call the whole of it."""
    judge = _judge(form)
    if judge.accepts(value):
        return []
    from srcos_contracts.contracts.diagnosis import diagnose

    return list(diagnose(judge, value, name))


@lru_cache
def _judge(form: str) -> Judge:
    with open(os.path.join(shipped_root(), "meta", form), "rb") as stream:
        return Judge(from_json(stream.read()), f"{BASE_URI}meta/{form}")
