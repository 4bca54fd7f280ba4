"""`srcos-validate`: from the words of a command line to an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

try:
    from srcos_contracts.cli.native import import_engine

    # The engine comes before all that imports it.
    import_engine()

    from srcos_contracts.cli.check import CheckRequest, run_check
    from srcos_contracts.cli.commands import COMMANDS
    from srcos_contracts.cli.ending import tidy_when_ended, told_to_end
    from srcos_contracts.configuration.discovery import has_candidate
except KeyboardInterrupt:
    # Nothing has begun that could be left behind, and nobody asked at which line of an import it was.
    sys.exit(130)

__all__ = ["main"]

EXIT_USAGE = 2
EXIT_BUG = 70
EXIT_INTERRUPTED = 130
_OF_SIGNALS = 128


def main() -> int:
    """The console script. Returns the exit code: 0, 1 findings, 2 usage or unreadable input, 70 a bug of this program."""
    arguments = sys.argv[1:]
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - it is open as long as the program runs
    if sys.stdout is None:
        print("error: the output cannot be written: standard output is closed", file=sys.stderr)
        return EXIT_USAGE
    return _guarded(lambda: _dispatch(arguments))


def _dispatch(arguments: list[str]) -> int:
    tidy_when_ended()
    # The everyday call, paths and nothing else, does without the option parser, whose import takes longer than the check.
    if arguments and arguments[0] == "check" and len(arguments) > 1:
        paths = arguments[1:]
    else:
        paths = arguments
    if paths and not any(_is_option(word) for word in paths) and not (paths is arguments and paths[0] in COMMANDS):
        if has_candidate():
            from srcos_contracts.cli.configured import run_check_here

            return run_check_here(tuple(paths))
        return run_check(CheckRequest(tuple(paths)))
    from srcos_contracts.cli.options import parse

    return parse(arguments)()


def _is_option(word: str) -> bool:
    return word.startswith("-") and word != "-"


def _guarded(action: Callable[[], int]) -> int:
    try:
        code = action()
        sys.stdout.flush()
        # A library may have taken the signal for an answer of what it called, and gone on.
        return _ended_by_signal() or code
    except KeyboardInterrupt:
        return _ended_by_signal() or EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone; what is left of it has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return EXIT_USAGE
    except OSError as error:
        _discard_stdout()
        print(f"error: the output cannot be written: {error.strerror or error}", file=sys.stderr)
        return EXIT_USAGE
    except Exception as error:
        # A library that a signal meets at work makes an error of its own of it.
        if code := _ended_by_signal():
            return code
        if os.environ.get("SRCOS_DEBUG"):
            raise
        # Its text may quote a record.
        said = "its text is not shown" if "--redact" in sys.argv else repr(str(error)[:200])
        print(
            f"internal error: {type(error).__name__}: {said}\n"
            "This is a bug of srcos-validate. Run again with SRCOS_DEBUG=1 for the details, and report them.",
            file=sys.stderr,
        )
        return EXIT_BUG


def _ended_by_signal() -> int:
    """The exit code of a program that was told to end by a signal; 0 where it was not."""
    return _OF_SIGNALS + told_to_end() if told_to_end() else 0


def _discard_stdout() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


if __name__ == "__main__":
    sys.exit(main())
