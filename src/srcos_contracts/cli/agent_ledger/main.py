"""`srcos-ledger`: from the words of a command line to an exit code."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Sequence

from srcos_contracts.refusal import Refusal

__all__ = ["main"]

_EXIT_USAGE, _EXIT_BUG, _EXIT_INTERRUPTED = 2, 70, 130


def main() -> int:
    """The console script. Returns the exit code: 0, 1 findings, 2 wrong usage or a strict ledger that failed, 70 a bug.

    Of `run` it is the command's own.
    """
    # An append is over before there is anything worth collecting; what goes on for longer turns the collector on again.
    gc.disable()
    try:
        _hold_standard_streams()
        code = _action(sys.argv[1:])()
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except Refusal as error:
        return _told(str(error))
    except KeyboardInterrupt:
        return _EXIT_INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return _EXIT_USAGE
    except OSError as error:
        return _told(f"{error.filename or 'the output'}: {error.strerror or error}")
    except Exception as error:
        if os.environ.get("SRCOS_DEBUG"):
            raise
        _told(f"internal error: {type(error).__name__}: {str(error)[:200]!r}; run again with SRCOS_DEBUG=1, and report this bug")
        return _EXIT_BUG


def _hold_standard_streams() -> None:
    """Sees that no file gets the number of a standard stream that is closed. A command that is run finds it closed, as it was."""
    while (handle := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(handle)


def _action(words: Sequence[str]) -> Callable[[], int]:
    from srcos_contracts.cli.native import import_engine

    import_engine()
    from srcos_contracts.cli.agent_ledger.quick import quick_append

    request = quick_append(words)
    if request is not None:
        from srcos_contracts.cli.agent_ledger.append import run_append

        return lambda: run_append(request)
    from srcos_contracts.cli.agent_ledger.options import parse

    gc.enable()
    return parse(words)


def _told(words: str) -> int:
    from srcos_contracts.emit.outbox import say_on_stderr

    say_on_stderr(words)
    return _EXIT_USAGE


if __name__ == "__main__":
    sys.exit(main())
