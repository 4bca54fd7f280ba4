"""Revisions of a git repository, found and read by git itself, which asks no network, runs no hook and writes nothing.

The one exception is `clone`, for those who name a repository elsewhere.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from srcos_contracts.named import NamedTuple
from srcos_contracts.refusal import Refusal
from srcos_contracts.wording import nearest

__all__ = [
    "LINK",
    "MODULE",
    "Blobs",
    "Entry",
    "Lacking",
    "NoRevision",
    "clone",
    "commit_of",
    "extract",
    "is_bare",
    "lacks",
    "listed",
    "prefix_of",
    "run",
    "told",
]

_OPTIONS = ("-c", "protocol.allow=never", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false")
_SURROUNDINGS = {
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "LC_ALL": "C",
}
_PLACES = ("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_INDEX_FILE")
"""What a caller may say of where the repository is, relative to the folder that it called from. git says it to hooks."""
_LOCAL = (*_PLACES, "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_GRAFT_FILE", "GIT_NAMESPACE", "GIT_PREFIX", "GIT_SHALLOW_FILE")
"""What holds of that repository alone."""
_BLOCK = 1 << 20
_SSH = "ssh -oBatchMode=yes -oConnectTimeout=30"
_CLONE_SECONDS = 600
LINK, MODULE = b"120000", b"160000"
"""The modes of what a revision has that is no file: symbolic links and submodules."""


Lacking = Literal["git", "repository", "tree", "name", "revision", "content"]
"""What keeps a revision from being read: there is no git, no repository, no working tree; what was named cannot be a revision, or is
none; or git does not have, or give, what it consists of."""


class NoRevision(Refusal):
    """There is no such revision, or no repository, or no git; the text says which, and what to do."""

    def __init__(self, words: str, lacking: Lacking = "content", hint: str = "") -> None:
        super().__init__(words, lacking, hint)
        self.words, self.lacking, self.hint = words, lacking, hint

    def __str__(self) -> str:
        return self.words + self.hint


class Entry(NamedTuple):
    """What a commit has at a path."""

    mode: bytes
    object: bytes
    path: bytes
    """From the top of the repository."""


def run(here: str, *words: str) -> subprocess.CompletedProcess[bytes]:
    """Runs git in a folder. Raises NoRevision where it cannot be run."""
    try:
        return subprocess.run(
            ["git", *_OPTIONS, *words], cwd=here, env=_surroundings(here), stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
    except FileNotFoundError:
        raise NoRevision("git is not installed, and is needed to read a revision", "git") from None
    except OSError as error:
        raise NoRevision(f"git cannot be run: {error.strerror or error}") from error


def told(ran: subprocess.CompletedProcess[bytes]) -> str:
    """What git said of its failure, in one line."""
    lines = ran.stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[0].removeprefix("fatal: ") if lines else "git does not say why"


def prefix_of(here: str, shown: str = "") -> bytes:
    """The path of a folder from the top of its working tree, empty or with a slash at the end; `shown` is how messages name it.

    Raises NoRevision where it lies in no working tree.
    """
    inside = run(here, "rev-parse", "--is-inside-work-tree")
    if inside.returncode:
        raise NoRevision(f"{shown or here} lies in no git repository that can be read: {told(inside)}", "repository")
    if inside.stdout.strip() != b"true":
        outside = f"{shown or here} lies in a git repository, but in no working tree of one"
        raise NoRevision(outside, "tree", "; compare in a checkout, as of git worktree add")
    return run(here, "rev-parse", "--show-prefix").stdout.removesuffix(b"\n")


def commit_of(here: str, revision: str) -> str:
    """The full name of the commit that a revision is. Raises NoRevision, with the nearest name."""
    # What begins with - would be an option, and what has a line break no name at all.
    if not revision or revision.startswith("-") or not revision.isprintable():
        raise NoRevision(f"{revision!r} is no git revision", "name")
    commit = _resolved(here, f"{revision}^{{commit}}")
    if commit:
        return commit
    # Words of a message, `:/words`, would take in what says that a commit is wanted.
    named = _resolved(here, revision)
    if named:
        commit = _resolved(here, f"{named}^{{commit}}")
        if commit:
            return commit
        kind = run(here, "cat-file", "-t", named).stdout.decode().strip()
        if kind:
            raise NoRevision(f"{revision} is a {kind} in the git repository of {here}, not a commit", "revision")
    names = [line.decode("utf-8", "replace") for line in run(here, "for-each-ref", "--format=%(refname:short)").stdout.splitlines()]
    close = nearest(revision, names, 0.6)
    # What has the form of a whole commit is never taken for the name of a tag or a branch.
    meant = f"a tag or a branch of that name is refs/tags/{revision} or refs/heads/{revision}"
    hint = f"; {meant}" if revision in names else f"; did you mean {close}?" if close else ""
    if run(here, "rev-parse", "--is-shallow-repository").stdout.strip() == b"true":
        hint += "; the clone is shallow: git fetch --deepen=100, or --unshallow, brings more of its history"
    raise NoRevision(f"there is no revision {revision} in the git repository of {here}", "revision", hint)


def _resolved(here: str, name: str) -> str:
    """The full name of the one object that a name of git's stands for; empty where there is none."""
    found = run(here, "rev-parse", "--verify", "--quiet", name)
    # `^HEAD` is what a range leaves out, and no object.
    return "" if found.returncode or found.stdout.startswith(b"^") else found.stdout.decode().strip()


def lacks(here: str, commit: str) -> bool:
    """Whether a repository does not have a commit, and has all of its history: it is neither shallow nor partial.

    Raises NoRevision where git cannot be run.
    """
    if run(here, "rev-parse", "--is-shallow-repository").stdout.strip() != b"false":
        return False
    if not run(here, "config", "--get-regexp", r"^(extensions\.partialclone|remote\..*\.promisor)$").stdout:
        return bool(run(here, "cat-file", "-e", f"{commit}^{{commit}}").returncode)
    return False


def listed(here: str, commit: str, within: Sequence[bytes] = ()) -> Iterator[Entry]:
    """All that a commit has at paths from the top of the repository, or everywhere. Raises NoRevision."""
    paths = [os.fsdecode(path) for path in within]
    found = run(here, "ls-tree", "-r", "-z", "--full-tree", commit, *(["--", *paths] if paths else []))
    if found.returncode:
        raise NoRevision(f"git cannot list {commit}: {told(found)}")
    for entry in found.stdout.split(b"\0"):
        if entry:
            about, _, path = entry.partition(b"\t")
            mode, _, name = about.split(b" ")
            yield Entry(mode, name, path)


class Blobs:
    """The contents of files, by one `git cat-file --batch`."""

    def __init__(self, here: str) -> None:
        self._here = here

    def __enter__(self) -> Blobs:
        words = ["git", *_OPTIONS, "cat-file", "--batch"]
        pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
        self._process = subprocess.Popen(words, cwd=self._here, env=_surroundings(self._here), stdin=pipe, stdout=pipe, stderr=nowhere)
        return self

    def __exit__(self, *_: object) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process.kill()
        self._process.wait()

    def write(self, name: bytes, file: str, path: str) -> None:
        """Writes an object to a path; `file` is its name for people.

        Raises NoRevision where the repository does not have it, OSError where it cannot be written.
        """
        asked, told = self._process.stdin, self._process.stdout
        assert asked is not None
        assert told is not None
        try:
            asked.write(name + b"\n")
            asked.flush()
        except BrokenPipeError:
            raise NoRevision(f"git does not read {file} of the revision; git fsck says what is wrong") from None
        head = told.readline().split()
        if len(head) != 3 or head[1] != b"blob":
            raise NoRevision(
                f"the repository does not have the content of {file} at the revision; in a partial clone, git fetch --refetch brings it"
            )
        left = int(head[2])
        with open(path, "wb") as stream:
            while left and (block := told.read(min(left, _BLOCK))):
                stream.write(block)
                left -= len(block)
        if left or told.read(1) != b"\n":
            raise NoRevision(f"git stopped in the middle of {file}; git fsck says what is wrong")


def extract(here: Path, revision: str, folder: Path, names: Sequence[str], endings: tuple[str, ...] | None = None) -> str:
    """Writes the files and folders of these names that lay in the folder `here` at a revision to `folder`, and gives the commit.

    An empty name is all that lay there; of all files only those whose names have one of the endings, where there are any. Links
    and submodules are left out. Raises NoRevision, OSError.
    """
    place = os.path.abspath(here)
    prefix = prefix_of(place)
    commit = commit_of(place, revision)
    wanted = [path for name in names if (path := prefix + os.fsencode(name))]
    with Blobs(place) as blobs:
        for mode, name, path in listed(place, commit, wanted):
            file = os.fsdecode(path[len(prefix) :])
            if os.pardir in file.split("/"):
                # git makes no such tree, but reads one that was made by other means.
                raise NoRevision(f"{commit[:10]} has the path {file!r}, which leads out of it; git fsck says what is wrong")
            if mode not in (LINK, MODULE) and (endings is None or file.endswith(endings)):
                target = folder / file
                target.parent.mkdir(parents=True, exist_ok=True)
                blobs.write(name, file, str(target))
    return commit


def clone(url: str, folder: Path) -> None:
    """Clones a repository with all its history to a folder that is not there yet, and checks nothing out. Raises NoRevision.

    Nobody is asked for a password, and a server that sends nothing for half a minute is given up.
    """
    settings = (
        "http.lowSpeedLimit=1000",
        "http.lowSpeedTime=30",
        "protocol.ext.allow=never",
        "core.hooksPath=/dev/null",
        "core.fsmonitor=false",
    )
    options = [word for setting in settings for word in ("-c", setting)]
    words = ["git", *options, "clone", "--quiet", "--no-checkout", "--template=", "--", url, str(folder)]
    surroundings = {**_elsewhere(), "GIT_ALLOW_PROTOCOL": "file:https:ssh", "GIT_SSH_COMMAND": os.environ.get("GIT_SSH_COMMAND", _SSH)}
    try:
        ran = subprocess.run(words, env=surroundings, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=_CLONE_SECONDS)
    except FileNotFoundError:
        raise NoRevision("git is not installed, and is needed to read a revision", "git") from None
    except subprocess.TimeoutExpired:
        raise NoRevision(f"it takes more than {_CLONE_SECONDS // 60} minutes", "repository") from None
    except (OSError, ValueError) as error:
        raise NoRevision(f"git cannot be run: {error}") from error
    if ran.returncode:
        raise NoRevision(told(ran), "repository")


def _surroundings(here: str) -> dict[str, str]:
    """The environment of git in a folder: the caller's. What that says of a repository is made to hold from any folder of the caller's
    own one, and is not said of others."""
    if any(os.environ.get(name) for name in _LOCAL) and _top(here) != _top(os.environ.get("GIT_WORK_TREE") or os.curdir):
        return _elsewhere()
    placed = {name: os.path.abspath(os.environ[name]) for name in _PLACES if os.environ.get(name)}
    return {**os.environ, **placed, **_SURROUNDINGS}


def _elsewhere() -> dict[str, str]:
    """The environment of git in a repository that the caller says nothing of."""
    return {**{name: value for name, value in os.environ.items() if name not in _LOCAL}, **_SURROUNDINGS}


def _top(folder: str) -> str | None:
    """The folder of the repository that a folder lies in or is, as far as that can be told without git."""
    place = os.path.realpath(folder)
    while not os.path.lexists(os.path.join(place, ".git")) and not is_bare(place):
        above = os.path.dirname(place)
        if above == place:
            return None
        place = above
    return place


def is_bare(folder: str) -> bool:
    """Whether a folder is a repository without a working tree, or the `.git` of one that has one."""
    return os.path.isfile(os.path.join(folder, "HEAD")) and all(os.path.isdir(os.path.join(folder, part)) for part in ("objects", "refs"))
