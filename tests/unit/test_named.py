"""The named tuples of the package are those that `typing.NamedTuple` would have made."""

from __future__ import annotations

import pickle
import typing
from typing import Any

import pytest

from srcos_contracts import named


class Ours(named.NamedTuple):
    """A pair."""

    first: int
    second: str = "two"
    """The second."""
    others: tuple[str, ...] = ()

    @property
    def both(self) -> str:
        return f"{self.first} {self.second}"

    @classmethod
    def of(cls, first: int) -> Ours:
        return cls(first)

    def __str__(self) -> str:
        return self.both


class Theirs(typing.NamedTuple):
    """A pair."""

    first: int
    second: str = "two"
    """The second."""
    others: tuple[str, ...] = ()

    @property
    def both(self) -> str:
        return f"{self.first} {self.second}"

    @classmethod
    def of(cls, first: int) -> Theirs:
        return cls(first)

    def __str__(self) -> str:
        return self.both


def test_a_class_is_what_it_would_have_been() -> None:
    ours: Any = Ours(1)
    theirs: Any = Theirs(1)
    assert ours == theirs == (1, "two", ())
    assert (str(ours), repr(ours)) == ("1 two", repr(theirs).replace("Theirs", "Ours"))
    assert Ours.of(3)._replace(second="three") == (3, "three", ())
    assert Ours._fields == Theirs._fields
    assert Ours._field_defaults == Theirs._field_defaults
    assert (Ours.__doc__, Ours.__module__, Ours.__qualname__) == ("A pair.", __name__, "Ours")
    assert typing.get_type_hints(Ours) == typing.get_type_hints(Theirs) == {"first": int, "second": str, "others": tuple[str, ...]}
    assert pickle.loads(pickle.dumps(ours)) == ours
    assert type(pickle.loads(pickle.dumps(ours))) is Ours
    assert not hasattr(ours, "__dict__")
    with pytest.raises(AttributeError):
        ours.first = 2
    assert isinstance(ours, tuple)


@pytest.mark.parametrize("base", [named.NamedTuple, typing.NamedTuple])
@pytest.mark.parametrize(
    "members",
    [
        *({name: None, "__annotations__": {"first": "int"}} for name in ("__new__", "_replace", "_fields", "__slots__")),
        {"__annotations__": {"first": "int", "second": "int"}, "first": 1},
        {"__annotations__": {"_first": "int"}},
        {"__annotations__": {"class": "int"}},
    ],
    ids=lambda members: str(members)[:40],
)
def test_what_cannot_be_one_is_refused(base: Any, members: dict[str, Any]) -> None:
    bases = base.__mro_entries__((base,)) if hasattr(base, "__mro_entries__") else (base,)
    with pytest.raises((TypeError, AttributeError, ValueError)):
        type(bases[0])("Refused", bases, {"__module__": __name__, "__qualname__": "Refused", **members})
