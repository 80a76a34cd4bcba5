"""A list from a file: read, looked at for faults row by row, cleaned, and written as Parquet for matching."""

import errno
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from lianxin.matching.clean.lists import NOTICES, clean_list
from lianxin.matching.engines.duck import connected
from lianxin.matching.paths import quoted
from lianxin.matching.problems import Fault, Faulty, Problem
from lianxin.matching.tables.books import read_xlsx
from lianxin.matching.tables.headings import PERSONS, Layout, find_columns, read_mapping
from lianxin.matching.tables.kinds import Kind, kind_of_file, misnamed
from lianxin.matching.tables.texts import FAULTS_TOLD, MOST_COLUMNS, data_rows, read_csv, too_many_columns
from lianxin.matching.words import Progress, Words, part_of, silent

_LINES_TOLD = 5
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FULL_SAID = ("No space left", "File too large", "Disk quota")
# How much of the whole the reading is, beside the cleaning.
_READING = 0.25


@dataclass(frozen=True, slots=True)
class Roster:
    """A clean list: where its Parquet lies, how many rows, which columns the file had, and what was noticed."""

    path: Path
    rows: int
    columns: tuple[str, ...]
    noticed: Mapping[str, int] = field(default_factory=dict)

    def notices(self) -> list[Words]:
        """What was noticed, in words."""
        return [
            Words(f"{count:,} 行{NOTICES[code][0]}", f"{count:,} rows: {NOTICES[code][1]}")
            for code, count in self.noticed.items()
            if count
        ]


def load(
    path: Path,
    *,
    mapping: Path | Mapping[str, Sequence[str]] | None = None,
    work: Path,
    progress: Progress | None = None,
    memory: int = 4 << 30,
) -> Roster:
    """Read and clean a CSV, XLSX or Parquet file into a Parquet file under ``work``.

    Raises ``Problem`` with a sentence for the user, ``Faulty`` with the first faults by row and column; nothing of
    the list is left behind under ``work`` then.
    """
    kind_of_file(path)
    layout = PERSONS.mapped(read_mapping(mapping) if isinstance(mapping, Path) else mapping)
    say = progress or silent
    out = work / f"{path.stem[:40]}-{len(list(work.iterdir()))}.parquet"
    scratch = work / f"{out.stem}.scratch"
    with (
        explained(path.name),
        _scratch(scratch, out),
        connected(None, memory=memory, folder=scratch) as con,
    ):
        say(Words("读取“{name}”", "Reading “{name}”").format(name=path.name), 0.0)
        columns, number = read_table(con, path, scratch, layout)
        rows = check_keys(con, path, number, layout, unique="record_id")
        noticed = clean_list(con, out, part_of(say, _READING, 1 - _READING))
        _check_names(con, path, number)
    return Roster(out, rows, tuple(columns), noticed)


def load_all(
    paths: Sequence[Path],
    *,
    mapping: Path | None,
    work: Path,
    memory: int,
    progress: Progress,
) -> list[Roster]:
    """Load several lists one after the other; each has the same part of the progress. Raises as :func:`load`."""
    share = 1 / len(paths)
    return [
        load(path, mapping=mapping, work=work, memory=memory, progress=part_of(progress, n * share, share))
        for n, path in enumerate(paths)
    ]


def read_table(
    con: DuckDBPyConnection, path: Path, work: Path, layout: Layout
) -> tuple[list[str], Callable[[int], int]]:
    """Fill the table ``given`` (``line`` and the layout's columns, as text) from a CSV, XLSX or Parquet file.

    Answers which columns the file has, and a function from ``line`` to the row that a spreadsheet program shows.
    Raises ``Problem`` or ``Faulty``.
    """
    kind = kind_of_file(path)
    if kind == "csv":
        columns = read_csv(con, path, work, layout)
    elif kind == "xlsx":
        columns = read_xlsx(con, path, layout)
    else:
        columns = _read_parquet(con, path, layout)
    return columns, _numbering(path, kind, work, layout)


def _read_parquet(con: DuckDBPyConnection, path: Path, layout: Layout) -> list[str]:
    try:
        described = con.execute(f"describe from read_parquet('{quoted(path)}')").fetchall()
        if len(described) > MOST_COLUMNS:
            raise too_many_columns(path, len(described))
        places = find_columns(path.name, [row[0] for row in described], line=0, layout=layout)
        chosen = ", ".join(
            f"{_as_text(*described[places[column]][:2])} as {column}"
            if column in places
            else f"null::varchar as {column}"
            for column in layout.columns
        )
        con.execute(
            f"""create or replace table given as
            select row_number() over () as line, {chosen} from read_parquet('{quoted(path)}')"""
        )
    except (duckdb.OutOfMemoryException, duckdb.IOException):
        raise
    except duckdb.Error:
        raise misnamed(path) from None
    return list(places)


def _as_text(column: str, kind: str) -> str:
    name = '"' + column.replace('"', '""') + '"'
    if kind in {"DOUBLE", "FLOAT"}:
        whole = f"abs({name}) < 1e15 and {name} = trunc({name})"
        return f"case when {whole} then ({name}::bigint)::varchar else {name}::varchar end"
    if kind.startswith("TIMESTAMP"):
        return f"({name}::date)::varchar"
    return f"trim({name}::varchar)"


def check_keys(
    con: DuckDBPyConnection,
    path: Path,
    number: Callable[[int], int],
    layout: Layout,
    *,
    unique: str | None = None,
) -> int:
    """The number of rows in ``given``. Raises ``Faulty`` for empty cells and repeated keys, ``Problem`` for no rows.

    ``unique`` is a needed column that holds each value once; ``number`` is what `read_table` answered.
    """
    rows, distinct = con.execute(
        f"select count(*), count(distinct {unique or 'line'}) from given"
    ).fetchall()[0]
    if not rows:
        words = Words("“{name}”只有标题行，没有数据。", "“{name}” has headings only, and no rows.")
        raise Problem("list_empty", words.format(name=path.name))
    faults, count = [], 0
    for column in layout.labels.keys() - set(layout.blank):
        empty = con.execute(
            f"select line from given where coalesce({column}, '') = '' order by line"
        ).fetchall()
        count += len(empty)
        words = Words("不能为空。", "This must not be empty.")
        faults += [
            Fault(number(line), layout.label(column), "empty", words) for (line,) in empty[:FAULTS_TOLD]
        ]
    if unique and distinct < rows:
        repeated = con.execute(
            f"""select list(line order by line)[:{_LINES_TOLD}], count(*) from given where {unique} <> ''
            group by {unique} having count(*) > 1 order by min(line)"""
        ).fetchall()
        count += len(repeated)
        label = layout.label(unique)
        faults += [_repeated(label, [*map(number, lines)], times) for lines, times in repeated[:FAULTS_TOLD]]
    if faults:
        raise Faulty(path.name, sorted(faults, key=lambda fault: fault.row), count)
    return int(rows)


def _check_names(con: DuckDBPyConnection, path: Path, number: Callable[[int], int]) -> None:
    """Refuse rows in which nobody is named: 不详, a dash, a remark alone."""
    unnamed = con.execute(
        "select line from given g join name_map m on m.given = g.name where m.clean is null order by line"
    ).fetchall()
    if unnamed:
        words = Words("这里没有写出姓名。", "No name is written here.")
        faults = [
            Fault(number(line), PERSONS.label("name"), "name_missing", words)
            for (line,) in unnamed[:FAULTS_TOLD]
        ]
        raise Faulty(path.name, faults, len(unnamed))


def _repeated(label: str, rows: Sequence[int], times: int) -> Fault:
    shown = ", ".join(map(str, rows))
    more = Words("等", " and more") if times > len(rows) else Words("", "")
    words = Words(
        "这个编号出现了 {times} 次：第 {shown} 行{more}。",
        "This key stands there {times} times: rows {shown}{more}.",
    ).format(times=times, shown=shown, more=more)
    return Fault(rows[0], label, "key_twice", words)


def _numbering(path: Path, kind: Kind, work: Path, layout: Layout) -> Callable[[int], int]:
    """From a row as counted here to the one that a spreadsheet program shows; reckoned only when there is a fault."""
    rows: list[int] = []

    def number(line: int) -> int:
        if kind != "csv":
            return line
        if not rows:
            rows.extend(data_rows(path, work, layout))
        return rows[line - 1]

    return number


@contextmanager
def _scratch(folder: Path, out: Path) -> Iterator[None]:
    """A folder for what is needed meanwhile; when the list cannot be taken, nothing of it stays."""
    folder.mkdir(mode=0o700)
    try:
        yield
    except BaseException:
        out.unlink(missing_ok=True)
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Turn a full disk and a lack of memory into a sentence."""
    try:
        yield
    except duckdb.OutOfMemoryException:
        words = Words(
            "内存不足：处理“{name}”需要更多内存，请加大 --memory。",
            "There is not enough memory for “{name}”: give more with --memory.",
        )
        raise Problem("memory_short", words.format(name=name)) from None
    except (OSError, duckdb.Error) as error:  # a full disk at the end of a transaction is no IOException
        full = isinstance(error, OSError) and error.errno in _FULL
        if not full and not any(said in str(error) for said in _FULL_SAID):
            raise
        words = Words(
            "磁盘已满，处理“{name}”时写不下：请腾出空间后重试，没有留下半个文件。",
            "The disk is full and “{name}” could not be finished: free some space and try again; nothing was kept.",
        )
        raise Problem("disk_full", words.format(name=name)) from None
