"""One person against a prepared roster: the pairs, probabilities and reasons of a list of one row, in an instant.

A prepared roster is a folder: the records with all that comparing needs and their names' shares (Arrow, mapped into
memory, found by number), the keys and the shares sorted (bare numbers, searched by halving), the model, and a
manifest. It can be copied. What is asked costs the same however large the roster is, but for the candidates.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from threading import Lock
from typing import Any, Literal, Self

import duckdb
import pyarrow as pa
from duckdb import DuckDBPyConnection

from lianxin.matching.clean.persons import clean_person
from lianxin.matching.comparisons import COMPARISONS
from lianxin.matching.counting import both_sides
from lianxin.matching.deciding import Evidence, decide, level_name
from lianxin.matching.engines import Limits
from lianxin.matching.engines.duck import open_duckdb
from lianxin.matching.features import make_features, make_features_of
from lianxin.matching.frequencies import PRIOR_ROWS
from lianxin.matching.keys import MOST_PAIRS_OF_A_KEY, keys_sql
from lianxin.matching.model import Model, default_model, load_model, save_model
from lianxin.matching.problems import Problem
from lianxin.matching.reasons import reason
from lianxin.matching.scoring import add_frequencies
from lianxin.matching.sorted_files import SortedFile, write_sorted
from lianxin.matching.tables.loading import explained, load
from lianxin.matching.weighing import weigh
from lianxin.matching.words import Language, Progress, Words, part_of, silent

FORMAT = 1
_BATCH = 1 << 16
_FREQUENCIES = ("name", "sound", "near")
_CLEAN = pa.schema(
    [
        (column, pa.date32() if column == "birth_date" else pa.string())
        for column in (
            *("record_id", "name", "id_number", "id_state", "sex"),
            *("birth_date", "phone", "region", "address", "employer"),
        )
    ]
)
# Nobody in particular: what they come to changes when the working of names, keys or the database changes.
_PROBES = (
    {"record_id": "1", "name": "单晓青", "id_number": "110101195001010000", "phone": "13000000000"},
    {
        "record_id": "2",
        "name": "欧阳乐",
        "birth_date": "1950-01-31",
        "address": "河南郑州中原区建设路12号3栋5室",
    },
    {"record_id": "3", "name": "阿卜杜拉·买买提", "region": "210802", "employer": "示例服装有限公司"},
)


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate for the person asked about."""

    left_id: str
    probability: float
    decision: Literal["match", "review"]
    reason: str
    levels: Mapping[str, str]


def prepare(
    roster: Path,
    folder: Path,
    *,
    work: Path,
    model: Model | None = None,
    mapping: Path | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> int:
    """Read and clean a roster file and write it as a prepared roster; answer how many persons it holds.

    `folder` appears when all of it is on the disk, and replaces a prepared roster that stood there. `work` is where
    what is needed meanwhile may lie. Raises ``Problem``.
    """
    say = progress or silent
    bounds = limits or Limits(temporary=work)
    clean = load(roster, mapping=mapping, work=work, memory=bounds.memory, progress=part_of(say, 0.0, 0.4))
    return prepare_clean(clean.path, folder, model=model, limits=bounds, progress=part_of(say, 0.4, 0.6))


def prepare_clean(
    clean: Path,
    folder: Path,
    *,
    model: Model | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> int:
    """The same from a clean roster, as ``link`` reads it."""
    say = progress or silent
    with explained(folder.name), _whole_folder(folder) as draft, open_duckdb(limits or Limits()) as db:
        con = db.con
        say(Words("整理姓名与特征", "Working on names"), 0.0)
        rows = make_features(con, clean, table="left_records")
        add_frequencies(con, "left_records", "left_records", "records")
        say(Words("写出索引", "Writing the keys"), 0.35)
        write_sorted(
            con, f"select key, rec as value from ({keys_sql('left_records', 'left')})", draft, "keys", "i"
        )
        for column in _FREQUENCIES:
            shares = f"select {_key_of(column)} as key, share as value from share_{column} where {column} is not null"
            write_sorted(con, shares, draft, column, "d")
        say(Words("写出记录", "Writing the records"), 0.7)
        _write_records(con, draft / "records.arrow")
        save_model(model or default_model(), draft / "model.json")
        manifest = {
            "format": FORMAT,
            "rows": rows,
            "engine": _fingerprint(),
            "model": digest(model or default_model()),
        }
        (draft / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")
        return rows


class Prepared:
    """A prepared roster, opened once and asked many times; one question at a time."""

    def __init__(self, folder: Path, *, model: Model | None = None) -> None:
        """Raises ``Problem`` when there is none, or one that another version or model has made."""
        manifest = _manifest(folder)
        self.model = load_model(folder / "model.json")
        self.rows: int = manifest["rows"]
        _check_model(folder, manifest, self.model, model)
        self._lock = Lock()
        with ExitStack() as stack:
            self._keys = stack.enter_context(SortedFile(folder, "keys", "i"))
            self._shares = {c: stack.enter_context(SortedFile(folder, c, "d")) for c in _FREQUENCIES}
            mapped = stack.enter_context(pa.memory_map(str(folder / "records.arrow")))
            reader = stack.enter_context(pa.ipc.open_file(mapped))
            self._batches = [reader.get_batch(n) for n in range(reader.num_record_batches)]
            self._schema = reader.schema
            self.con = stack.enter_context(duckdb.connect())
            self.con.execute("set threads = 1")
            self._stack = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._batches.clear()
        self._stack.close()

    def find(self, person: Mapping[str, str | None], language: Language = "zh") -> list[Found]:
        """Candidates for a person, given in the columns of a list as they are written there; the best first."""
        return self.find_clean(clean_asked(person), language)

    def find_clean(self, row: Mapping[str, object], language: Language = "zh") -> list[Found]:
        """The same for a row of a clean roster."""
        with self._lock:
            self.weigh_clean(row)
            decide(self.con, self.model, "weighed", evidence=Evidence())
            names = [c.name for c in COMPARISONS]
            rows = self.con.execute(
                f"""select l.record_id, d.probability, d.decision, {", ".join(f"gamma_{name}" for name in names)}
                from decided as d join left_records as l on l.rec = d.rec_l
                order by d.decision, d.probability desc, d.rec_l"""
            ).fetchall()
        found = []
        for left_id, probability, decision, *numbers in rows:
            levels = {name: level_name(name, n) for name, n in zip(names, numbers, strict=True)}
            found.append(Found(left_id, probability, decision, reason(levels, language), levels))
        return found

    def weigh_clean(self, row: Mapping[str, object]) -> None:
        """Make the tables `weighed`, `left_records` and `right_records` of all candidates of a person."""
        con = self.con
        asked = {column: row.get(column) for column in _CLEAN.names}
        con.register("asked", pa.Table.from_pylist([asked], schema=_CLEAN))
        make_features_of(con, "asked", table="asked_for", first=self.rows)
        con.unregister("asked")
        shares = ", ".join(f"{self._share(column)!r}::double as tf_{column}" for column in _FREQUENCIES)
        con.execute(f"create or replace temp table right_records as select *, {shares} from asked_for")
        con.register("candidates", self._candidates())
        con.execute("create or replace temp table left_records as from candidates")
        con.unregister("candidates")
        con.execute(
            "create or replace temp table pairs as select l.rec as join_key_l, r.rec as join_key_r "
            "from left_records as l, right_records as r"
        )
        weigh(con, self.model, both=pair_columns(con), larger=self.rows, table="weighed")

    def _candidates(self) -> pa.Table:
        keys = self.con.execute(
            f"select key, count(*) from ({keys_sql('asked_for', 'right')}) group by key"
        ).fetchall()
        recs = {
            rec
            for key, times in keys
            if self._keys.count(key) * times <= MOST_PAIRS_OF_A_KEY
            for rec in self._keys.find(key)
        }
        size = self._batches[0].num_rows if self._batches else 1
        slices = [self._batches[int(rec) // size].slice(int(rec) % size, 1) for rec in sorted(recs)]
        return pa.Table.from_batches(slices, schema=self._schema).combine_chunks()

    def _share(self, column: str) -> float | None:
        """The share of the asked person's name in the roster, or what is expected where nobody bears it."""
        ((key, expected),) = self.con.execute(f"select {_key_of(column)}, expected from asked_for").fetchall()
        if key is None:
            return None
        known = self._shares[column].find(key)
        return float(known[0]) if known else PRIOR_ROWS * expected / (self.rows + PRIOR_ROWS)


def lookup(
    prepared: Prepared | Path, person: Mapping[str, str | None], *, language: Language = "zh"
) -> list[Found]:
    """Who of a prepared roster this person is: what ``link`` would answer for a list of this one row."""
    if isinstance(prepared, Prepared):
        return prepared.find(person, language)
    with Prepared(prepared) as opened:
        return opened.find(person, language)


def clean_asked(person: Mapping[str, str | None]) -> dict[str, object]:
    """A clean row of a person. Raises ``Problem`` when nobody is named."""
    row = clean_person(person)
    if row["name"] is None:
        raise Problem(
            "name_missing", Words("要找的人没有写出姓名。", "The person to be looked for has no name.")
        )
    return row


def pair_columns(con: DuckDBPyConnection) -> str:
    """A subselect of `pairs` with rec_l, rec_r and the columns of `left_records` and `right_records`."""
    return both_sides(con, "left_records", "pairs", right="right_records")


def digest(model: Model) -> str:
    """What tells two models apart."""
    return blake2b(json.dumps(asdict(model), sort_keys=True).encode(), digest_size=12).hexdigest()


def _write_records(con: DuckDBPyConnection, path: Path) -> None:
    found = con.sql("select * from records order by rec").to_arrow_reader(_BATCH)
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, found.schema) as writer:
        held: list[pa.RecordBatch] = []
        for batch in found:
            held = _cut(writer, [*held, batch])
        if held:
            writer.write_batch(_joined(held))


def _cut(writer: pa.ipc.RecordBatchFileWriter, held: list[pa.RecordBatch]) -> list[pa.RecordBatch]:
    """Write batches of one size, so that a record is found by dividing; answer the rest."""
    if sum(batch.num_rows for batch in held) < _BATCH:
        return held
    whole = _joined(held)
    while whole.num_rows >= _BATCH:
        writer.write_batch(whole.slice(0, _BATCH))
        whole = whole.slice(_BATCH)
    return [whole] if whole.num_rows else []


def _joined(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    return pa.Table.from_batches(batches).combine_chunks().to_batches()[0]


def _key_of(column: str) -> str:
    return "(hash(name) >> 1)::bigint" if column == "name" else column


def _fingerprint() -> str:
    """What features and keys come to, here and now: names, keys, readings and the database's hashing all in one."""
    with duckdb.connect() as con:
        con.register("probes", pa.Table.from_pylist([clean_person(p) for p in _PROBES], schema=_CLEAN))
        make_features_of(con, "probes", table="probed")
        told = con.execute("select * from probed order by rec").fetchall()
        keys = [
            con.execute(f"select * from ({keys_sql('probed', side)}) order by all").fetchall()
            for side in ("left", "right")
        ]
        hashed = con.execute(f"select {_key_of('name')} from probed order by rec").fetchall()
    return blake2b(repr((FORMAT, told, keys, hashed)).encode(), digest_size=12).hexdigest()


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    except (OSError, ValueError):
        manifest = {}
    if not isinstance(manifest, dict) or "format" not in manifest:
        words = Words(
            "“{name}”不是预备好的底册：请先用 lianxin match prepare 制作。",
            "“{name}” is no prepared roster: make one with lianxin match prepare.",
        )
        raise Problem("not_prepared", words.format(name=folder.name))
    if manifest["format"] != FORMAT or manifest.get("engine") != _fingerprint():
        words = Words(
            "“{name}”是另一个版本制作的，姓名或索引的算法已变：请用 lianxin match prepare 重新制作。",
            "“{name}” was made by another version, which works on names or keys otherwise: make it again with "
            "lianxin match prepare.",
        )
        raise Problem("prepared_otherwise", words.format(name=folder.name))
    return manifest


def _check_model(folder: Path, manifest: Mapping[str, Any], kept: Model, wanted: Model | None) -> None:
    if digest(kept) != manifest["model"] or (wanted is not None and digest(wanted) != manifest["model"]):
        words = Words(
            "“{name}”是用另一个模型制作的：请用 lianxin match prepare --model 重新制作。",
            "“{name}” was made with another model: make it again with lianxin match prepare --model.",
        )
        raise Problem("prepared_with_other_model", words.format(name=folder.name))


@contextmanager
def _whole_folder(folder: Path) -> Iterator[Path]:
    """A folder that only its owner may read, under its name when all of it is there; it replaces an older one."""
    if folder.exists() and not (folder / "manifest.json").is_file():
        words = Words(
            "“{name}”已存在，且不是预备好的底册：请换一个文件夹。",
            "“{name}” is there and no prepared roster: name another folder.",
        )
        raise Problem("target_closed", words.format(name=folder.name))
    if not folder.parent.is_dir() or not os.access(folder.parent, os.W_OK):
        words = Words(
            "不能写到“{name}”：请检查上级文件夹是否存在、是否可写。",
            "“{name}” cannot be written: check that the folder above it is there and may be written to.",
        )
        raise Problem("target_closed", words.format(name=folder.name))
    for left in folder.parent.glob(f".{folder.name}.*.part"):
        shutil.rmtree(left, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".part", dir=folder.parent))
    try:
        yield draft
        if folder.exists():
            shutil.rmtree(folder)
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
