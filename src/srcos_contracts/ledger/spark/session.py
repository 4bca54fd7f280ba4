"""The Spark session that an audit runs in: the one that there is, or one of its own."""

from __future__ import annotations

import logging
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from srcos_contracts.named import NamedTuple
from srcos_contracts.refusal import Refusal
from srcos_contracts.temporary import temporary_folder

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = ["LOGGING", "Cluster", "SparkMissing", "for_few_records", "is_local", "own_session", "prepared"]

_HERE = os.path.dirname(os.path.abspath(__file__))
_LOCAL = "local"
LOGGING = f"-Dlog4j2.configurationFile={_HERE}/log4j2.properties"
_OF_OURS = {
    "spark.driver.memory": "2g",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # Of what was asked nothing is shown, so that its plans, which are large, need not be written down or held.
    "spark.sql.maxPlanStringLength": "1000",
    "spark.sql.ui.explainMode": "simple",
    "spark.sql.ui.retainedExecutions": "4",
    # Nothing is said before there is something to say; whoever wants to see more names a configuration of their own.
    "spark.driver.extraJavaOptions": LOGGING,
}
_FOR_QUERIES = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.parser.escapedStringLiterals": "true",
    "spark.sql.caseSensitive": "false",
    "spark.sql.maxConcurrentOutputFileWriters": "16",
    "spark.sql.files.maxPartitionBytes": str(16 * 1024 * 1024),
    "spark.sql.files.ignoreMissingFiles": "false",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "4000",
}
_FOR_FEW = {
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.shuffle.partitions": "1",
}
_JAVA = 17


class SparkMissing(Refusal):
    """Spark cannot be started here."""


class Cluster(NamedTuple):
    """Where Spark is to run."""

    master: str | None = None
    """None for the master that the environment names, else this machine."""
    conf: Mapping[str, str] = {}


@contextmanager
def own_session(cluster: Cluster) -> Iterator[SparkSession]:
    """A session for a command, ended with it. Raises SparkMissing where PySpark or Java are not there, or Spark does not start."""
    if find_spec("pyspark") is None:
        raise SparkMissing("--engine spark needs PySpark: pip install 'srcos-contracts[spark]'; it also needs Java 17 or newer")
    home = os.environ.get("JAVA_HOME")
    if shutil.which(os.path.join(home, "bin", "java") if home else "java") is None:
        where = f"there is no bin/java in JAVA_HOME ({home})" if home else "there is no java on the PATH, and JAVA_HOME is not set"
        raise SparkMissing(f"--engine spark needs Java {_JAVA} or newer: {where}")
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    # What fails is said once, by whoever asked.
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    builder = SparkSession.builder.appName("srcos-validate audit")
    # spark-submit says where it runs; a master of ours would not be listened to.
    submitted = "SPARK_ENV_LOADED" in os.environ
    if cluster.master is not None or not (submitted or "MASTER" in os.environ or "SPARK_CONF_DIR" in os.environ):
        builder = builder.master(cluster.master or f"{_LOCAL}[*]")
    with ExitStack() as stack:
        try:
            # Spark makes this folder whether or not there are tables, and would where the command was given.
            warehouse = stack.enter_context(temporary_folder("srcos-warehouse-"))
        except OSError as error:
            raise SparkMissing(f"Spark has no folder to work in: {error.strerror or error}; name one with TMPDIR") from error
        ours = {} if submitted else {**_OF_OURS, "spark.sql.warehouse.dir": f"file://{warehouse}"}
        yield from _started(builder, {**ours, **cluster.conf})


def _started(builder: SparkSession.Builder, conf: Mapping[str, str]) -> Iterator[SparkSession]:
    from pyspark.errors import PySparkException

    for name, value in conf.items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
    except (PySparkException, RuntimeError) as error:
        raise SparkMissing(f"Spark does not start: {str(error).strip().splitlines()[0]}; it needs Java {_JAVA} or newer") from error
    except Exception as error:
        if type(error).__module__.startswith("py4j"):
            raise SparkMissing(f"Spark does not start: {_reason(error)}") from error
        raise
    try:
        yield session
    finally:
        session.stop()


def prepared(session: SparkSession) -> SparkSession:
    """A session beside one that there is, with settings and views of its own: what the queries mean does not depend on the user's."""
    own = session.newSession()
    for name, value in _FOR_QUERIES.items():
        own.conf.set(name, value)
    if is_local(session):
        # Shuffles of a machine with few processors need few partitions; a cluster's are the user's.
        own.conf.set("spark.sql.shuffle.partitions", str(max(2, session.sparkContext.defaultParallelism)))
    return own


def for_few_records(session: SparkSession) -> None:
    """Settings for a set so small that planning and compiling its queries takes longer than answering them."""
    for name, value in _FOR_FEW.items():
        session.conf.set(name, value)


def is_local(session: SparkSession) -> bool:
    """Whether the workers run on this machine."""
    return str(session.sparkContext.master).partition("[")[0] == _LOCAL


def _reason(error: Exception) -> str:
    told = [line.strip() for line in str(error).splitlines() if line.strip().startswith(":")]
    return told[0].lstrip(": ") if told else str(error).strip().splitlines()[0]
