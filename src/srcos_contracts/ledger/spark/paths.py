"""What the paths of an audit on Spark name: files of this machine as `reading.source.select` says, others by their URIs."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from srcos_contracts.finding import Finding
from srcos_contracts.ledger.spark.worker import Edges
from srcos_contracts.reading.source import STDIN, Selection, Source, select, source_named, unreadable
from srcos_contracts.refusal import Refusal

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = ["edges_of", "is_remote", "select_on", "spark_uri"]

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")
_OF_THIS_MACHINE = re.compile(r"file:(?://)?(?=/)")
_MAGIC = frozenset("*?[{")
_HIDDEN = "hidden"
_HEAD = 8
_TAIL = 64 * 1024
_PACKED = b"\x1f\x8b"


def is_remote(path: str) -> bool:
    """Whether a path is the URI of something that only Spark reads."""
    return _SCHEME.match(path) is not None and _OF_THIS_MACHINE.match(path) is None


def select_on(session: SparkSession, paths: Sequence[str], bound: Callable[[str], bool]) -> Selection:
    """The sources that paths name, in order and each once.

    Of what only Spark reads, names that begin with a dot or an underline are hidden. Raises Refusal for standard input.
    """
    sources: dict[str, Source] = {}
    problems: list[Finding] = []
    left_out: dict[str, int] = {}
    for path in paths:
        if path == STDIN:
            raise Refusal("standard input cannot be audited on Spark: its workers read files; name them")
        here = select([_OF_THIS_MACHINE.sub("", path)], bound=bound) if not is_remote(path) else _Lake(session, bound).select(path)
        for source in here.sources:
            name = source.name if is_remote(source.name) else os.path.normpath(source.name)
            sources.setdefault(name, source)
        problems += here.problems
        for kind, count in here.left_out.items():
            left_out[kind] = left_out.get(kind, 0) + count
    return Selection(list(sources.values()), list(dict.fromkeys(problems)), left_out)


class _Lake:
    """The files that Hadoop's file systems know."""

    def __init__(self, session: SparkSession, bound: Callable[[str], bool]) -> None:
        self._jvm: Any = session._jvm
        self._conf: Any = session._jsc.hadoopConfiguration()
        self._bound = bound

    def _system(self, uri: str) -> tuple[Any, Any]:
        path = self._jvm.org.apache.hadoop.fs.Path(uri)
        return path.getFileSystem(self._conf), path

    def select(self, uri: str) -> Selection:
        from py4j.protocol import Py4JError

        sources: list[Source] = []
        problems: list[Finding] = []
        left_out: dict[str, int] = {}
        try:
            system, path = self._system(uri)
            if not system.exists(path) and _MAGIC & set(uri):
                found = list(system.globStatus(path) or ())
                if not found:
                    problems.append(unreadable(uri, "the pattern matches no file", "check the spelling"))
            elif system.exists(path):
                found = [system.getFileStatus(path)]
            else:
                found = []
                problems.append(unreadable(uri, "no such file or directory", "check the path"))
            for status in sorted(found, key=_name):
                if status.isDirectory():
                    before = len(sources)
                    for file in self._files(system, status, left_out):
                        self._take(system, file, sources, left_out)
                    if len(sources) == before:
                        problems.append(unreadable(_name(status), "the folder holds no file to check", "name another"))
                elif source_named(_name(status)) is None:
                    problems.append(
                        unreadable(_name(status), "the file's form is not known from its name", "known are .jsonl, .json, .yaml, .md")
                    )
                elif os.path.basename(_name(status)).startswith(("_", ".")):
                    problems.append(unreadable(_name(status), "Spark passes over names that begin with _ or a dot", "rename the file"))
                else:
                    self._take(system, status, sources, left_out)
        except Py4JError as error:
            problems.append(unreadable(uri, _cause(error), "check the path, and the settings of its file system (--conf)"))
        return Selection(sources, problems, left_out)

    def _files(self, system: Any, folder: Any, left_out: dict[str, int]) -> Iterator[Any]:
        for status in sorted(system.listStatus(folder.getPath()), key=lambda status: (status.isDirectory(), _name(status))):
            if os.path.basename(_name(status)).startswith(("_", ".")):
                left_out[_HIDDEN] = left_out.get(_HIDDEN, 0) + 1
            elif status.isDirectory():
                yield from self._files(system, status, left_out)
            else:
                yield status

    def _take(self, system: Any, status: Any, sources: list[Source], left_out: dict[str, int]) -> None:
        """A file of a folder, by the same measure as a file of this machine."""
        name = _name(status)
        source = source_named(name)
        readme = os.path.basename(name).partition(".")[0].lower() == "readme"
        if source is None or (source.form == "markdown" and not self._fits(system, status, name, readme)):
            kind = os.path.splitext(name)[1]
            left_out[kind] = left_out.get(kind, 0) + 1
        else:
            sources.append(source)

    def _fits(self, system: Any, status: Any, name: str, readme: bool) -> bool:
        if self._bound(name) and not readme:
            return True
        stream = system.open(status.getPath())
        try:
            return name.endswith(".gz") or bytes(stream.readNBytes(4)).startswith(b"---")
        finally:
            stream.close()

    def edges(self, uri: str) -> Edges:
        """The first bytes of a ledger and where its last line begins, if no newline ends it. Raises py4j's errors."""
        system, path = self._system(uri)
        size = system.getFileStatus(path).getLen()
        stream = system.open(path)
        try:
            head = bytes(stream.readNBytes(_HEAD))
            at = size
            while at:
                end, at = at, max(0, at - _TAIL)
                stream.seek(at)
                block = bytes(stream.readNBytes(end - at))
                if end == size and block.endswith(b"\n"):
                    return Edges(head, -1)
                if b"\n" in block:
                    return Edges(head, at + block.rfind(b"\n") + 1)
            return Edges(head, 0 if size else -1)
        finally:
            stream.close()


def edges_of(session: SparkSession, source: Source) -> Edges | Finding:
    """What Spark will not say of a ledger, or the finding that it cannot be read."""
    from py4j.protocol import Py4JError

    try:
        edges = _Lake(session, lambda name: False).edges(source.name)
    except Py4JError as error:
        return unreadable(source.name, _cause(error), "check the file, and read it again")
    if edges.head.startswith(_PACKED):
        return unreadable(
            source.name, f"this is a gzip file; name it {os.path.basename(source.name)}.gz", "check the file, and read it again"
        )
    return edges


def spark_uri(session: SparkSession, name: str) -> str:
    """How Spark names a file in the rows that come from it."""
    jvm: Any = session._jvm
    return str(jvm.org.apache.spark.paths.SparkPath.fromPathString(name).urlEncoded())


def _name(status: Any) -> str:
    return str(status.getPath().toString())


def _cause(error: Exception) -> str:
    java = getattr(error, "java_exception", None)
    if java is None:
        return str(error).splitlines()[0]
    return f"{java.getClass().getSimpleName()}: {str(java.getMessage() or '').splitlines()[0] if java.getMessage() else ''}".rstrip(": ")
