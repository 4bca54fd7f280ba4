"""What this program makes for itself is gone when it ends, also when it is told to end in the moment of making it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest

from srcos_contracts.temporary import temporary_folder
from srcos_contracts.whole_file import replace_text


@pytest.fixture
def interruptible() -> Iterator[None]:
    """An interrupt raises, whatever the tests were started with."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def _interrupted_after(make: Callable[..., Any], once: bool = False) -> Callable[..., Any]:
    interrupts = iter([True] if once else repeat(True))

    def made(*arguments: Any, **options: Any) -> Any:
        thing = make(*arguments, **options)
        if next(interrupts, False):
            signal.raise_signal(signal.SIGINT)
        return thing

    return made


def test_a_folder_holds_what_is_put_there_and_is_gone_afterwards(tmp_path: Path) -> None:
    with temporary_folder("mine-", str(tmp_path)) as folder:
        assert Path(folder).parent == tmp_path
        assert Path(folder).name.startswith("mine-")
        Path(folder, "below").mkdir()
        Path(folder, "below/file").write_text("x")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_cannot_be_made_where_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), temporary_folder("mine-", str(tmp_path / "absent")):
        pass


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_in_the_moment_a_folder_is_made_leaves_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "mkdir", _interrupted_after(os.mkdir))
    entered = []
    with pytest.raises(KeyboardInterrupt), temporary_folder("mine-", str(tmp_path)) as folder:
        entered.append(folder)
    assert (entered, list(tmp_path.iterdir())) == ([], [])


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_while_a_folder_is_removed_does_not_keep_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = temporary_folder("mine-", str(tmp_path))
    folder = held.__enter__()
    for name in ("first", "second"):
        Path(folder, name).write_text("x")
    monkeypatch.setattr(os, "unlink", _interrupted_after(os.unlink, once=True))
    with pytest.raises(KeyboardInterrupt):
        held.__exit__(None, None, None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_in_the_moment_a_draft_is_made_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "report"
    file.write_text("before")
    monkeypatch.setattr(os, "open", _interrupted_after(os.open))
    with pytest.raises(KeyboardInterrupt):
        replace_text(file, "after")
    monkeypatch.undo()
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("report", "before")]
