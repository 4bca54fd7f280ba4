"""What to read: paths, folders, globs and standard input to the files that they name, and each file to its records."""

from __future__ import annotations

import io
import os
import stat
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, Literal

from srcos_contracts.finding import Finding, Location
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.document import Document, Layout, Record, Syntax
from srcos_contracts.reading.json_text import parse_json
from srcos_contracts.reading.jsonl import Counter, Unsettled, read_lines
from srcos_contracts.reading.limits import MAX_RECORD_BYTES

__all__ = [
    "STDIN",
    "Form",
    "Selection",
    "Source",
    "found",
    "opened",
    "position_of",
    "read",
    "reason",
    "select",
    "size_of",
    "source_named",
    "unreadable",
]

Form = Literal["json", "jsonl", "yaml", "markdown"]

STDIN = "-"

_FORMS: dict[str, Form] = {
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".md": "markdown",
    ".markdown": "markdown",
}
_SUFFIX_HELP = "known suffixes are .json, .jsonl, .yaml and .md, each also with .gz"
_UNNAMED_HELP = "if this is not one JSON document, say what it is: --stdin-name x.jsonl, or x.yaml"
_MAGIC = frozenset("*?[")
_HIDDEN = "hidden"
_LINKED = "linked folder"


class Source(NamedTuple):
    """One file, or standard input, and how to read it."""

    name: str
    """As the user wrote it, or as it was found: shown in findings, and matched against path bindings."""
    path: str | None
    """None is standard input."""
    form: Form | None
    """None only for standard input without a name: JSON, or JSON Lines where its first line is a whole value."""
    gzipped: bool = False

    @property
    def syntax(self) -> Syntax:
        if self.form == "yaml" or self.form == "markdown":
            return self.form
        return "json"

    def document(self, record: Record, layout: Layout | None = None) -> Document:
        """The text of one of this source's records."""
        return Document(self.name, record.text, self.syntax, record.line, layout)


class Selection(NamedTuple):
    """What the paths of a call name."""

    sources: list[Source]
    problems: list[Finding]
    """Paths that name nothing, or nothing readable; rule `unreadable`."""
    left_out: dict[str, int]
    """What was not taken in folders: files, counted by suffix, hidden names, and links to folders."""


def unreadable(name: str, message: str, help: str) -> Finding:
    """The finding for a path that could not be read at all."""
    return Finding("unreadable", "error", message, Location(name), help)


def select(paths: Iterable[str], stdin_name: str | None = None, bound: Callable[[str], bool] = lambda file: False) -> Selection:
    """The sources that `paths` name, in order and each once: files, folders (searched for known suffixes), globs, or `-`.

    In a folder, hidden files and folders and links to folders are left out, and so is Markdown that has no front matter, unless
    it is `bound` to a contract by its path and is no readme. A path that yields nothing is a problem, so that a misspelt glob is
    never taken for success.
    """
    sources: dict[str, Source] = {}
    problems: list[Finding] = []
    left_out: dict[str, int] = {}
    here = _here()
    for path in paths:
        if path == STDIN:
            stdin = _stdin(stdin_name, problems)
            if stdin is not None:
                sources.setdefault(STDIN, stdin)
            continue
        names = [path]
        if not os.path.lexists(path) and _MAGIC & set(path):
            from srcos_contracts.reading.globbing import expand

            names = expand(path)
            if not names:
                problems.append(unreadable(path, "the pattern matches no file", "check the spelling; ** crosses folders"))
        for name in names:
            before = len(sources), len(problems)
            if os.path.isdir(name):
                passed_over: list[str] = []
                for file in _files(name, problems, passed_over):
                    source = found(file, file, bound)
                    if source is not None:
                        sources.setdefault(_whole(here, file), source)
                    else:
                        passed_over.append(os.path.splitext(file)[1])
                for kind in passed_over:
                    left_out[kind] = left_out.get(kind, 0) + 1
                if (len(sources), len(problems)) == before and not any(_inside(_whole(here, name), known) for known in sources):
                    problems.append(_nothing_in(name, passed_over))
            else:
                source = _file(name, problems)
                if source is not None:
                    sources.setdefault(_whole(here, name), source)
    # A pattern may name a file beside the folder that it is in.
    once: dict[tuple[str, str], Finding] = {}
    for problem in problems:
        once.setdefault((_whole(here, problem.location.file), problem.message), problem)
    return Selection(list(sources.values()), list(once.values()), left_out)


def found(name: str, path: str, bound: Callable[[str], bool]) -> Source | None:
    """The source that a file of a folder is, whose content lies at `path`; None where it is left out."""
    source = source_named(name)
    if source is None:
        return None
    source = source._replace(path=path)
    worth = source.form != "markdown" or _has_front_matter(source) or (bound(name) and not _is_readme(name))
    return source if worth else None


def _nothing_in(folder: str, passed_over: list[str]) -> Finding:
    hidden, linked = passed_over.count(_HIDDEN), passed_over.count(_LINKED)
    counts = [f"{count:,} {kind}" for count, kind in ((hidden, _HIDDEN), (linked, _LINKED + "s" * (linked > 1))) if count]
    beside = f" but for {' and '.join(counts)}, which are left out of folders" if counts else ""
    named = "; name hidden files and linked folders outright" if counts else ""
    return unreadable(folder, f"the folder holds no file to check{beside}", _SUFFIX_HELP + named)


def _here() -> str:
    try:
        return os.getcwd()
    except OSError:
        # The folder was removed, and nothing can be named by way of it.
        return ""


def _whole(here: str, path: str) -> str:
    """A path as it is from the root, by which one file is known under all names that lead there without a link."""
    return os.path.normpath(os.path.join(here, path))


def _inside(folder: str, known: str) -> bool:
    return folder == os.curdir or known.startswith(os.path.join(folder, ""))


def _stdin(name: str | None, problems: list[Finding]) -> Source | None:
    if name is None:
        return Source("<stdin>", None, None)
    source = source_named(name)
    if source is None:
        problems.append(unreadable(name, "the name for standard input has no known suffix", _SUFFIX_HELP))
        return None
    return source._replace(path=None)


def source_named(name: str) -> Source | None:
    """A file by its name, read as its suffix says; None where no form has that suffix."""
    stem, suffix = os.path.splitext(name)
    gzipped = suffix.lower() == ".gz"
    if gzipped:
        suffix = os.path.splitext(stem)[1]
    form = _FORMS.get(suffix.lower())
    return None if form is None else Source(name, name, form, gzipped)


def _file(name: str, problems: list[Finding]) -> Source | None:
    try:
        mode = os.stat(name).st_mode
    except (OSError, ValueError) as error:
        problems.append(unreadable(name, reason(error), "check the path"))
        return None
    source = source_named(name)
    if source is None:
        shown = os.path.splitext(name)[1] or "no suffix"
        problems.append(unreadable(name, f"the file's form is not known from its name ({shown})", _suffix_hint(name)))
    elif not stat.S_ISREG(mode):
        problems.append(unreadable(name, "this is not a regular file", "pipe its content to standard input and give - as the path"))
    else:
        return source
    return None


def _suffix_hint(name: str) -> str:
    return f"{_SUFFIX_HELP}; or read it from standard input: - --stdin-name NAME.json < {name}"


def _files(folder: str, problems: list[Finding], passed_over: list[str]) -> Iterator[str]:
    def refused(error: OSError) -> None:
        problems.append(unreadable(error.filename or folder, reason(error), "check the permissions of the folder"))

    for here, folders, files in os.walk(folder, onerror=refused):
        passed_over += [_HIDDEN for name in (*folders, *files) if name.startswith(".")]
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        passed_over += [_LINKED for name in folders if os.path.islink(os.path.join(here, name))]
        for name in sorted(files):
            path = os.path.join(here, name) if here != os.curdir else name
            if name.startswith("."):
                continue
            if os.path.isfile(path):
                yield path
            elif source_named(path) is not None:
                problems.append(unreadable(path, _why_no_file(path), "remove it, or name the files to check one by one"))


def _why_no_file(path: str) -> str:
    try:
        os.stat(path)
    except OSError as error:
        return reason(error)
    return "this is not a regular file"


def _is_readme(file: str) -> bool:
    return os.path.basename(file).partition(".")[0].lower() == "readme"


def _has_front_matter(source: Source) -> bool:
    try:
        with opened(source) as stream:
            return stream.read(4).startswith(b"---")
    except (OSError, EOFError, zlib.error):
        return True


def opened(source: Source, content: bytes | None = None) -> BinaryIO:
    """A source's bytes, unpacked; `content` is the file where it has been read already.

    Raises OSError, EOFError or, as it is read, zlib.error.
    """
    if content is not None:
        if source.gzipped and not content:
            raise EOFError("there is not one byte in it")
        return _unpacked(source, io.BytesIO(content))
    if source.path is None:
        from srcos_contracts.reading.stdin import open_stdin

        return open_stdin(source.gzipped)
    if source.gzipped:
        if not os.stat(source.path).st_size:
            raise EOFError("there is not one byte in it")
        import gzip

        return gzip.open(source.path, "rb")  # type: ignore[return-value]
    return _unpacked(source, open(source.path, "rb", buffering=0 if source.form == "jsonl" else -1))


def _unpacked(source: Source, stream: BinaryIO) -> BinaryIO:
    if source.gzipped:
        import gzip

        return gzip.open(stream, "rb")  # type: ignore[return-value]
    if stream.read(2) == b"\x1f\x8b":
        stream.close()
        raise EOFError(f"this is a gzip file; name it {os.path.basename(source.name)}.gz")
    stream.seek(0)
    return stream


def read(
    source: Source,
    counter: Counter | None = None,
    unsettled: Unsettled = lambda values, texts, lines: range(len(values)),
    start: int = 0,
    length: int | None = None,
    content: bytes | None = None,
    most: int | None = None,
) -> Iterator[Record | Finding]:
    """Every record of a source that is among the `unsettled`, and a finding for each place where there is no record.

    `start` and `length` read a part of a ledger, cut at line ends, with lines counted from 1 there. A ledger that grows while it is
    read is read as far as it went before: `most` bytes from `start` on, or where that is not given as many as it has when it is
    opened, to the end of the line that was being written then. A file that cannot be read, or not to its end, gives a finding of
    rule `unreadable`; what was read before it stands.
    """
    counter = counter if counter is not None else Counter()
    try:
        with opened(source, content) as stream:
            head = b""
            if start:
                head = stream.read(8)
                stream.seek(start)
            form = source.form
            if form is None:
                from srcos_contracts.reading.stdin import told_apart

                form, stream = told_apart(stream)
            if form == "jsonl":
                growing = length is None and content is None and not source.gzipped
                grown = (most or _bytes_left(source, stream, start)) if growing else None
                yield from read_lines(stream, source.name, length, counter, unsettled, head, grown)
                return
            for item in _documents(source, stream):
                if source.form is None and isinstance(item, Finding):
                    item = item._replace(help=f"{item.help}; {_UNNAMED_HELP}")
                if isinstance(item, Record):
                    counter.records += 1
                    if not list(unsettled([item.value], [item.text], [item.line])):
                        continue
                yield item
    except (OSError, EOFError, zlib.error) as error:
        what = "this is not a whole gzip file: " if source.gzipped and not _system_error(error) else ""
        yield unreadable(source.name, what + reason(error), "check the file, and read it again")


def _bytes_left(source: Source, stream: BinaryIO, start: int) -> int | None:
    """How many bytes a ledger has from `start` on, as it is now; None where that cannot be known."""
    if source.path is None:
        return None
    about = os.fstat(stream.fileno())
    # The system makes up some files as they are read, and says that they have no size.
    return about.st_size - start if stat.S_ISREG(about.st_mode) and about.st_size > start else None


def position_of(stream: BinaryIO) -> int:
    """The bytes of its file that a stream has taken; of a gzip file, compressed ones. 0 where that cannot be known."""
    try:
        return int(getattr(stream, "fileobj", stream).tell())
    except OSError:
        return 0


def size_of(source: Source) -> int:
    """The bytes of a source's file; 0 where that cannot be known."""
    if source.path is None:
        return 0
    try:
        return os.stat(source.path).st_size
    except OSError:
        return 0


def _system_error(error: Exception) -> bool:
    return isinstance(error, OSError) and error.errno is not None


def _documents(source: Source, stream: BinaryIO) -> Iterator[Record | Finding]:
    document = Document(source.name, stream.read(MAX_RECORD_BYTES + 1), source.syntax)
    if len(document.text) > MAX_RECORD_BYTES:
        from srcos_contracts.reading.json_fault import too_large

        yield too_large(document)
    elif source.form in ("json", None):
        value = parse_json(document)
        yield value if isinstance(value, Finding) else Record(value, document.text, 1)
    elif source.form == "yaml":
        from srcos_contracts.reading.yaml_text import read_yaml

        yield from read_yaml(document)
    else:
        from srcos_contracts.reading.markdown import read_markdown

        yield from read_markdown(document)


def reason(error: Exception) -> str:
    """Why a file cannot be read, in words."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[0].lower() + error.strerror[1:]
    return str(error)
