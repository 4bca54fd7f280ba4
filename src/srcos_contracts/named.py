"""Named tuples whose making costs a program's start little.

Of each class `typing.NamedTuple` compiles every annotation that is a text, as all are here, to see whether it could be a type. For the
thirty-odd classes of a cold check that is a tenth of its time, for a question that the type checker has answered. Where types are
checked this is `typing.NamedTuple` itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["NamedTuple"]

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
    from collections import namedtuple

    _GIVEN = frozenset(("__annotations__", "__doc__", "__module__", "__qualname__"))
    _KEPT = frozenset(("__new__", "__init__", "__slots__", "__getnewargs__", "_fields", "_field_defaults", "_make", "_replace", "_asdict"))

    def _made(name, bases, members):
        fields = members.get("__annotations__", {})
        given = [field for field in fields if field in members]
        if given != [*fields][len(fields) - len(given) :]:
            raise TypeError(f"{name}: a field without a default follows one that has one")
        made = namedtuple(name, fields, defaults=[members[field] for field in given], module=members["__module__"])
        made.__annotations__ = fields
        made.__qualname__ = members["__qualname__"]
        made.__doc__ = members.get("__doc__")
        for member, value in members.items():
            if member in _KEPT:
                raise TypeError(f"{name}: {member} is the tuple's own")
            if member not in fields and member not in _GIVEN:
                setattr(made, member, value)
        return made

    class _Maker(type):
        def __new__(maker, name, bases, members):
            return type.__new__(maker, name, (), members) if members["__module__"] == __name__ else _made(name, bases, members)

    class NamedTuple(metaclass=_Maker):
        """Makes of a class with annotated fields a named tuple, as `typing.NamedTuple` does."""
