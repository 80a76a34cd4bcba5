"""A clean list becomes an encoding, and a file beside it that says which new id is which old one."""

import csv
import io
import multiprocessing
import os
import secrets
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyarrow as pa
from duckdb import DuckDBPyConnection

from lianxin.matching.encoding import tokens
from lianxin.matching.encoding.files import SCHEMA, VERSION, Head, tables_digest, write_encoding
from lianxin.matching.encoding.keyfile import Key
from lianxin.matching.engines.duck import connected
from lianxin.matching.features import make_features
from lianxin.matching.tables.kinds import kind_of_name
from lianxin.matching.tables.writing import harmless, whole
from lianxin.matching.words import Progress, Words

_BATCH = 10_000
# Below this, starting processes costs more than they bring.
_WORTH_PROCESSES = 30_000
_ID_BYTES = 10
# New ids begin with a letter of their own: spreadsheet programs take 1234… and 12e3… for numbers, and lose their ends.
_ID_MARK = "p"


@dataclass(frozen=True, slots=True)
class Encoded:
    """Where the encoding and the ids lie, how many rows, and how many of them have no birth date, so no name either."""

    path: Path
    ids: Path | None
    rows: int
    without_birth: int
    fingerprint: str


def encode(
    clean: Path,
    *,
    out: Path,
    ids: Path | None,
    key: Key,
    work: Path,
    memory: int = 4 << 30,
    processes: int | None = None,
    progress: Progress | None = None,
) -> Encoded:
    """Encode a clean roster into `out` (Parquet or CSV), rows in random order, under new random ids.

    `ids` receives old and new ids; without it, the list's own ids are kept. Both files or none. `work` is a folder
    for what is needed meanwhile.
    """
    say = progress or (lambda _words, _share: None)
    with connected(work / "encode.duckdb", memory=memory, folder=work) as con:
        say(Words("读取名单", "Reading the list"), 0.0)
        rows = make_features(con, clean, table="records")
        without = con.execute("select count(*) from records where birth is null").fetchall()[0][0]
        _name(con, rows, renamed=ids is not None)
        tables = tables_digest()
        head = Head(VERSION, key.hash, key.fingerprint, tables, tokens.BITS, tokens.FLIPS, rows)
        batches = _encoded(con, key, processes or _processes(rows))
        told = _telling(batches, rows, say)
        with whole(out) as stream:
            write_encoding(stream, kind_of_name(out), head, told)
            stream.flush()
            os.fsync(stream.fileno())
            # The encoding is on the disk, if not yet under its name: without the ids it would be worth nothing.
            if ids is not None:
                _write_ids(con, ids)
    return Encoded(out, ids, rows, without, key.fingerprint)


def _name(con: DuckDBPyConnection, rows: int, *, renamed: bool) -> None:
    """Make the table `names`: the id under which each record leaves the house."""
    if renamed:
        fresh = pa.table(
            {"rec": range(rows), "record": [_ID_MARK + secrets.token_hex(_ID_BYTES) for _ in range(rows)]}
        )
        con.register("fresh", fresh)
        con.execute("create table names as select rec::integer as rec, record from fresh")
        con.unregister("fresh")
    else:
        con.execute("create table names as select rec, record_id as record from records")


def _write_ids(con: DuckDBPyConnection, ids: Path) -> None:
    rows = con.cursor().execute("select record_id, record from records join names using (rec) order by rec")
    with whole(ids) as stream:
        stream.write(b"\xef\xbb\xbfrecord_id,record\n")
        while lines := rows.fetchmany(_BATCH):
            text = io.StringIO()
            csv.writer(text, lineterminator="\n").writerows((harmless(own), new) for own, new in lines)
            stream.write(text.getvalue().encode())


def _processes(rows: int) -> int:
    return 1 if rows < _WORTH_PROCESSES else len(os.sched_getaffinity(0))


def _telling(batches: Iterator[pa.RecordBatch], rows: int, say: Progress) -> Iterator[pa.RecordBatch]:
    done = 0
    for batch in batches:
        yield batch
        done += batch.num_rows
        say(Words("编码", "Encoding"), 0.2 + 0.8 * done / max(1, rows))


def _encoded(con: DuckDBPyConnection, key: Key, processes: int) -> Iterator[pa.RecordBatch]:
    columns = ", ".join(name for name in tokens.NEEDED if name != "record_id")
    # By new id, that is, in random order: the place in the file tells nothing either.
    reader = con.sql(
        f"""select record, {columns} from (select *,
          count(*) over (partition by phone) > {tokens.MOST_OF_A_HOUSEHOLD} as crowded_phone,
          count(*) over (partition by street, door, room) > {tokens.MOST_OF_A_HOUSEHOLD} as crowded_home
          from records) join names using (rec) order by record"""
    ).to_arrow_reader(_BATCH)
    if processes == 1:
        yield from (encode_batch(tokens.Encoder(key), batch) for batch in reader)
        return
    # The key goes to the other processes through a pipe, never by argument or environment.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, initializer=_begin, initargs=(key,)) as pool:
        waiting: deque[Future[pa.RecordBatch]] = deque()
        waiting.extend(pool.submit(_in_process, batch) for batch in islice(reader, 2 * processes))
        try:
            while waiting:
                yield waiting.popleft().result()
                waiting.extend(pool.submit(_in_process, batch) for batch in islice(reader, 1))
        finally:
            pool.shutdown(cancel_futures=True)


def encode_batch(encoder: tokens.Encoder, batch: pa.RecordBatch) -> pa.RecordBatch:
    """A batch of the columns of `NEEDED`, with `record` instead of `record_id`, as a batch of an encoding."""
    columns = encoder.encode(iter(batch.to_pylist()))
    arrays = [pa.array(columns[field.name], field.type) for field in SCHEMA if field.name != "record"]
    return pa.RecordBatch.from_arrays([batch.column("record"), *arrays], schema=SCHEMA)


_encoders: list[tokens.Encoder] = []


def _begin(key: Key) -> None:
    _encoders.append(tokens.Encoder(key))
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A process whose parent was killed would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _in_process(batch: pa.RecordBatch) -> pa.RecordBatch:
    return encode_batch(_encoders[0], batch)
