"""What others make of the same lists as they came: Splink's own comparisons, and the package recordlinkage.

Each at thresholds of its own that its guide would take: sure from 0.99 on, shown to a person from 0.05 on.
"""

import logging
from pathlib import Path
from typing import Any

import duckdb
from duckdb import DuckDBPyConnection

from lianxin.bench.match.lists import Lists
from lianxin.matching.features import make_features
from lianxin.matching.keys import keys_sql, make_pairs

MATCH, REVIEW = 0.99, 0.05


def write_candidates(lists: Lists, out: Path) -> int:
    """The pairs that our blocking looks at, as record ids; answers how many."""
    with duckdb.connect(str(out.with_suffix(".duckdb"))) as con:
        con.execute("set memory_limit = '5 GiB'; set enable_progress_bar = false")
        con.execute("set preserve_insertion_order = false")
        lefts = make_features(con, lists.clean_left, table="left_records")
        make_features(con, lists.clean_right, table="right_records", first=lefts)
        count = make_pairs(con, keys_sql("left_records", "left"), keys_sql("right_records", "right"))
        con.execute(
            f"""copy (select l.record_id as left_id, r.record_id as right_id from pairs
            join left_records as l on l.rec = join_key_l join right_records as r on r.rec = join_key_r)
            to '{out}' (format parquet)"""
        )
    out.with_suffix(".duckdb").unlink()
    return count


def link_with_splink(lists: Lists, out: Path, candidates: Path | None, memory: int) -> int:
    """Splink's comparisons for names, dates and texts on the raw columns, trained as its guide says.

    On the given candidates; without them it blocks by rules of the same kinds, as far as raw columns have them. Answers
    how many pairs it was given, or has found worth telling.
    """
    from splink import DuckDBAPI, Linker, block_on

    logging.getLogger("splink").setLevel(logging.ERROR)
    with duckdb.connect() as con:
        con.execute(f"set memory_limit = '{memory >> 20} MiB'; set enable_progress_bar = false")
        con.execute("set preserve_insertion_order = false")
        con.execute(f"set temp_directory = '{out.parent}/splink-spilt'")
        api = DuckDBAPI(connection=con)
        for name, path in (("lefts", lists.left), ("rights", lists.right)):
            con.execute(f"create table {name} as from {reader(path)}")
        frames = [api.register(f"{name}s", dataset_display_name=name) for name in ("left", "right")]
        linker = Linker(frames, _settings(), log_level=None)
        linker.training.estimate_probability_two_random_records_match([block_on("id_number")], recall=0.7)
        linker.training.estimate_u_using_random_sampling(max_pairs=1_000_000, seed=1)
        for rule in (block_on("id_number"), block_on("phone")):
            linker.training.estimate_parameters_using_expectation_maximisation(rule)
        given = _take_candidates(con, candidates) if candidates else 0
        if candidates:
            linker.table_management.register_blocked_pairs_for_predict(api.register("pairs"))
        found = linker.inference.predict(threshold_match_probability=REVIEW, warning_mode="never")
        con.execute(_BEST.format(found=found.physical_name, match=MATCH, out=out))
        ((told,),) = con.execute(f"select count(*) from {found.physical_name}").fetchall()
        return given or int(told)


def reader(path: Path) -> str:
    """A file as it came, every column as text."""
    return f"read_csv('{path}', all_varchar = true)" if path.suffix == ".csv" else f"'{path}'"


def _take_candidates(con: DuckDBPyConnection, candidates: Path) -> int:
    """Candidates by the texts that Splink puts together from list and id."""
    con.execute(
        f"""create table pairs as select 'left-__-' || left_id as join_key_l, 'right-__-' || right_id as join_key_r,
        '0' as match_key from '{candidates}'"""
    )
    ((count,),) = con.execute("select count(*) from pairs").fetchall()
    return int(count)


def _settings() -> Any:
    import splink.comparison_library as cl
    from splink import SettingsCreator, block_on

    return SettingsCreator(
        link_type="link_only",
        unique_id_column_name="record_id",
        comparisons=[
            cl.NameComparison("name"),
            cl.DamerauLevenshteinAtThresholds("id_number", [1, 2]),
            cl.DateOfBirthComparison("birth_date", input_is_string=True),
            cl.ExactMatch("sex"),
            cl.DamerauLevenshteinAtThresholds("phone", [1, 2]),
            cl.ExactMatch("region"),
            cl.JaroWinklerAtThresholds("address", [0.9, 0.8]),
            cl.JaroWinklerAtThresholds("employer", [0.9, 0.8]),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("id_number"),
            block_on("birth_date", "substr(name, 1, 1)"),
            block_on("birth_date", "substr(name, 2)"),
            block_on("phone"),
            block_on("name", "substr(birth_date, 1, 4)"),
            block_on("name", "substr(birth_date, 5)"),
            block_on("address", "substr(name, 1, 1)"),
            block_on("name", "employer"),
        ],
    )


# Each record of the list takes its best candidate, or is shown with three.
_BEST = """
copy (
  with sided as (
    select case when source_dataset_l = 'left' then record_id_l else record_id_r end as left_id,
      case when source_dataset_l = 'left' then record_id_r else record_id_l end as right_id,
      match_probability as probability
    from {found}
  ), ranked as (
    select *, row_number() over (partition by right_id order by probability desc, left_id) as place,
      max(probability) over (partition by right_id) >= {match} as settled
    from sided
  )
  select left_id, right_id, probability, case when settled then 'match' else 'review' end as decision
  from ranked where (settled and place = 1) or (not settled and place <= 3)
) to '{out}' (format parquet)
"""


def link_with_recordlinkage(lists: Lists, out: Path) -> int:
    """The package recordlinkage on the raw columns: blocked by number, birthday and phone, sorted by its own ECM."""
    import pandas as pd
    import recordlinkage

    left, right = (
        duckdb.execute(f"from {reader(path)}").df().set_index("record_id")
        for path in (lists.left, lists.right)
    )
    index = recordlinkage.Index()
    for column in ("id_number", "birth_date", "phone"):
        index.block(column)
    pairs = index.index(left, right)
    compare = recordlinkage.Compare()
    compare.string("name", "name", method="jarowinkler", threshold=0.85, label="name")
    compare.string("id_number", "id_number", method="damerau_levenshtein", threshold=0.9, label="id_number")
    compare.exact("birth_date", "birth_date", label="birth_date")
    compare.exact("sex", "sex", label="sex")
    compare.exact("phone", "phone", label="phone")
    compare.exact("region", "region", label="region")
    compare.string("address", "address", method="jarowinkler", threshold=0.85, label="address")
    compare.string("employer", "employer", method="jarowinkler", threshold=0.85, label="employer")
    likeness = compare.compute(pairs, left, right)
    classifier = recordlinkage.ECMClassifier()
    classifier.fit(likeness)
    found = pd.DataFrame({"probability": classifier.prob(likeness)}).reset_index()
    found.columns = ["left_id", "right_id", "probability"]
    best = found.sort_values("probability", ascending=False).drop_duplicates("right_id")
    best = best[best["probability"] >= REVIEW]
    best["decision"] = best["probability"].ge(MATCH).map({True: "match", False: "review"})
    best.to_parquet(out)
    return len(likeness)
