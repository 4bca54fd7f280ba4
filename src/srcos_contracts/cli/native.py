"""The engine in Rust, imported without what it has no use for here.

On import jsonschema-rs (0.60.3) turns the date of its own build into a datetime, and for that alone imports email.utils, with sockets,
calendars and random numbers: a sixth of the time in which a payload is checked. Here that date stays a text.
"""

from __future__ import annotations

import sys
from types import ModuleType

__all__ = ["import_engine"]

_FOR_THE_DATE = "email.utils"


def import_engine() -> None:
    """Imports jsonschema_rs. For a process that is the program's own and has no second thread yet: another would find half a module."""
    if _FOR_THE_DATE in sys.modules or "jsonschema_rs" in sys.modules:
        return
    stand_in = ModuleType(_FOR_THE_DATE)
    stand_in.__dict__["parsedate_to_datetime"] = str
    sys.modules[_FOR_THE_DATE] = stand_in
    try:
        import jsonschema_rs  # noqa: F401 - it is imported for those that come after
    finally:
        del sys.modules[_FOR_THE_DATE]
