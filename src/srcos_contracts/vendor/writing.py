"""A vendored folder changed as a whole: whoever looks, at any moment, sees all of its old state or all of its new one.

The new folder is made whole beside the old one, under a hidden name, with everything on disk, and then the two change places in one
call of the system (renameat2 with RENAME_EXCHANGE on Linux, renamex_np with RENAME_SWAP on macOS; a plain rename where there is no old
folder). The lock lies in the folder, so it changes in that same call. A process that is killed before it leaves the old state, one that
is killed after it the new one; either way what lies under the hidden name is of no use to anybody, and the next run removes it.

Where the system cannot exchange folders (Windows, some network file systems) the old folder steps aside under a second hidden name, and
the new one takes its place. Only there is a moment in which there is neither; the second name then says that the new folder is whole,
and the next run puts it in place.

What was not vendored but lies in the folder comes along: the same file where the file system has hard links, else a copy. What somebody
has written to the old folder in the meantime is carried over before the old folder goes.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import stat
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress

from srcos_contracts.named import NamedTuple
from srcos_contracts.refusal import Refusal

__all__ = ["CannotWrite", "recover", "replace_folder", "sole_writer", "staged_name", "step_aside_name"]

_EXCHANGE = 2
"""RENAME_EXCHANGE, and RENAME_SWAP too."""
_HERE = -100
"""AT_FDCWD."""
_NO_EXCHANGE = frozenset((errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP))


class CannotWrite(Refusal):
    """A folder that cannot be written; nothing of it has changed."""


class _Seen(NamedTuple):
    """What a file was when it was taken over."""

    inode: int
    size: int
    modified: int


def staged_name(folder: str) -> str:
    """Where the new state of a folder is made, and where its old one lies after the exchange."""
    above, name = os.path.split(os.path.abspath(folder))
    return os.path.join(above, f".{name}.srcos-new")


def step_aside_name(folder: str) -> str:
    """Where the old state lies while folders cannot be exchanged."""
    above, name = os.path.split(os.path.abspath(folder))
    return os.path.join(above, f".{name}.srcos-old")


@contextmanager
def sole_writer(folder: str) -> Iterator[None]:
    """Holds a folder against other runs of this program, and ends what an interrupted one has left; the folder need not be there yet.

    Raises CannotWrite where another run holds it, or its place cannot be written.
    """
    _refuse_place(folder)
    above = os.path.dirname(os.path.abspath(folder))
    # Nothing is made before there is something to put in it.
    while not os.path.lexists(above):
        above = os.path.dirname(above)
    try:
        with _held(above, folder):
            recover(folder)
            yield
    except OSError as error:
        raise CannotWrite(f"{folder} cannot be written: {_reason(error)}; nothing has been changed") from error


def _refuse_place(folder: str) -> None:
    if not folder:
        raise CannotWrite("the name of the folder to vendor into is empty")
    path = os.path.abspath(folder)
    here = os.path.abspath(os.curdir)
    if here == path or here.startswith(path + os.sep):
        raise CannotWrite(
            f"contracts are vendored into a folder of their own, and {folder} is, or holds, the folder that you are in; name one below it"
        )
    # A link below the folder that the command works in may have come with the repository, and lead anywhere.
    below = path.startswith(here + os.sep)
    place = here if below else ""
    for part in os.path.relpath(path, here).split(os.sep) if below else [path]:
        place = os.path.join(place, part)
        if os.path.islink(place):
            shown = os.path.relpath(place, here) if below else place
            raise CannotWrite(f"{shown} is a symbolic link, and nothing is written through one; name the folder that it leads to")
    if os.path.lexists(path) and not os.path.isdir(path):
        raise CannotWrite(f"{folder} is no folder")
    if os.path.isdir(path) and not os.access(path, os.W_OK | os.X_OK):
        raise CannotWrite(f"{folder} cannot be written: {os.strerror(errno.EACCES)}; nothing has been changed")


@contextmanager
def _held(above: str, folder: str) -> Iterator[None]:
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    descriptor = os.open(above, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotWrite(f"another srcos-validate is writing beside {folder}; run this again when it has ended") from None
        except OSError:
            # Some network file systems hold no folders; then nobody is kept out, and the exchange is as safe as ever.
            pass
        yield
    finally:
        os.close(descriptor)


def recover(folder: str) -> None:
    """Ends what an interrupted run has left: the folder is in its old state or its new one, and nothing lies beside it.

    Raises OSError.
    """
    staged, aside = staged_name(folder), step_aside_name(folder)
    if os.path.isdir(aside) and not os.path.lexists(folder):
        # The old state steps aside for a new one that is whole.
        os.rename(staged if os.path.isdir(staged) else aside, folder)
    for left in (staged, aside):
        _remove(left)


def _remove(path: str) -> None:
    """Removes a folder or a file. Raises OSError, which names it."""
    try:
        if os.path.isdir(path) and not os.path.islink(path):
            _open_up(path)
            shutil.rmtree(path)
        elif os.path.lexists(path):
            os.unlink(path)
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from error


def _open_up(top: str) -> None:
    """Lets the owner write to a folder and to all below it: what is in a read-only folder cannot be removed."""
    os.chmod(top, stat.S_IRWXU)
    for here, folders, _ in os.walk(top):
        for name in folders:
            if not os.path.islink(os.path.join(here, name)):
                os.chmod(os.path.join(here, name), stat.S_IRWXU)


def replace_folder(folder: str, files: Mapping[str, bytes], gone: Collection[str] = ()) -> None:
    """Makes a folder hold `files`, by their paths, and nothing at the paths `gone`, in one step. All else in it stays.

    To be called within `sole_writer`.

    Raises CannotWrite, OSError; then nothing has changed.
    """
    staged, aside = staged_name(folder), step_aside_name(folder)
    seen: dict[str, _Seen] = {}
    try:
        os.makedirs(os.path.dirname(staged), exist_ok=True)
        os.mkdir(staged)
        if os.path.isdir(folder):
            shutil.copymode(folder, staged)
            _take_over(folder, staged, {*files, *gone}, seen)
        for path in sorted(files):
            _write(staged, path, files[path], folder)
        _sync_folders(staged)
        exchanged = _put_in_place(staged, folder, aside)
    except BaseException:
        with suppress(OSError):
            _remove(staged)
        raise
    _sync_folder(os.path.dirname(staged))
    old = staged if exchanged else aside
    with suppress(OSError):
        # The change is made. What cannot be tidied up now is removed by the next run.
        _carry_over(old, folder, {*files, *gone}, seen)
        _remove(old)


def _take_over(old: str, new: str, without: Collection[str], seen: dict[str, _Seen]) -> None:
    """Brings all but the files of some paths from a folder to another."""
    for here, folders, files in os.walk(old):
        below = os.path.relpath(here, old)
        inner = [name for name in folders if not os.path.islink(os.path.join(here, name))]
        for name in [*files, *(name for name in folders if name not in inner)]:
            path = name if below == os.curdir else f"{below}/{name}".replace(os.sep, "/")
            if path in without:
                continue
            source, target = os.path.join(old, path), os.path.join(new, path)
            about = os.lstat(source)
            if not (stat.S_ISREG(about.st_mode) or stat.S_ISLNK(about.st_mode)):
                raise CannotWrite(f"{os.path.join(old, path)} is neither a file nor a link, and cannot come along; move it elsewhere")
            os.makedirs(os.path.dirname(target), exist_ok=True)
            _bring(source, target)
            seen[path] = _Seen(about.st_ino, about.st_size, about.st_mtime_ns)
        if not files and not folders and here != old:
            os.makedirs(os.path.join(new, below), exist_ok=True)
        folders[:] = inner


def _bring(source: str, target: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except (OSError, NotImplementedError):
        shutil.copy2(source, target, follow_symlinks=False)


def _write(staged: str, path: str, content: bytes, folder: str) -> None:
    target = os.path.join(staged, *path.split("/"))
    place = staged
    for part in path.split("/")[:-1]:
        place = os.path.join(place, part)
        if os.path.islink(place) or (os.path.lexists(place) and not os.path.isdir(place)):
            at = os.path.join(folder, os.path.relpath(place, staged))
            raise CannotWrite(f"{at} is a symbolic link, or no folder, where a folder of contracts belongs; remove it")
        os.makedirs(place, exist_ok=True)
    if os.path.lexists(target):
        raise CannotWrite(f"{os.path.join(folder, path)} is in the way; remove it")
    with open(target, "xb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _sync_folders(top: str) -> None:
    for here, _, _ in os.walk(top):
        _sync_folder(here)


def _sync_folder(path: str) -> None:
    """Has the names in a folder reach the disk, where the system can do that."""
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _put_in_place(staged: str, folder: str, aside: str) -> bool:
    """Gives the new state its place. Says whether the old one lies where that was made; else it lies aside, where there was one."""
    if not os.path.lexists(folder):
        os.rename(staged, folder)
        return False
    if _exchange(staged, os.path.abspath(folder)):
        return True
    os.rename(folder, aside)
    try:
        os.rename(staged, folder)
    except OSError:
        os.rename(aside, folder)
        raise
    return False


def _exchange(one: str, other: str) -> bool:
    """Makes two folders change places in one step. False where the system, or the file system, cannot. Raises OSError."""
    try:
        library = ctypes.CDLL(None, use_errno=True)
        first, second = os.fsencode(one), os.fsencode(other)
        if sys.platform == "darwin":
            failed = library.renamex_np(first, second, _EXCHANGE)
        else:
            failed = library.renameat2(_HERE, first, _HERE, second, _EXCHANGE)
    except (AttributeError, OSError, TypeError):
        return False
    if not failed:
        return True
    number = ctypes.get_errno()
    if number in _NO_EXCHANGE:
        return False
    raise OSError(number, os.strerror(number), other)


def _carry_over(old: str, new: str, without: Collection[str], seen: Mapping[str, _Seen]) -> None:
    """Brings what somebody has written to the old state since it was taken over."""
    for here, folders, files in os.walk(old):
        folders[:] = [name for name in folders if not os.path.islink(os.path.join(here, name))]
        for name in files:
            source = os.path.join(here, name)
            path = os.path.relpath(source, old).replace(os.sep, "/")
            about = os.lstat(source)
            known = seen.get(path)
            if path in without or (known is not None and known == (about.st_ino, about.st_size, about.st_mtime_ns)):
                continue
            target = os.path.join(new, path)
            if known is not None or not os.path.lexists(target):
                os.makedirs(os.path.dirname(target), exist_ok=True)
                os.replace(source, target)


def _reason(error: OSError) -> str:
    place = f"{error.filename}: " if isinstance(error.filename, str) else ""
    return f"{place}{error.strerror or error}"
