"""What others make of the same lists as they came: Splink's own comparisons, and the package recordlinkage."""

import logging
from pathlib import Path

import duckdb

from lianxin.bench.match.lists import COLUMNS, Lists

MATCH, REVIEW = 0.99, 0.05


def link_with_splink(lists: Lists, out: Path, threads: int, memory: int) -> int:
    """Splink's comparisons for names, dates and texts on the raw columns, trained as its guide says.

    It blocks by the same kinds of keys as the engine, as far as raw columns have them. Answers its candidates.
    """
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    logging.getLogger("splink").setLevel(logging.ERROR)
    with duckdb.connect() as con:
        con.execute(f"set threads = {threads}; set memory_limit = '{memory // 1024**2} MiB'")
        con.execute(f"set temp_directory = '{out.parent / 'plain-temporary'}'")
        api = DuckDBAPI(connection=con)
        columns = ", ".join(COLUMNS)
        frames = [
            api.register(con.sql(f"select {columns} from '{path}'"), dataset_display_name=name)
            for path, name in ((lists.left, "left"), (lists.right, "right"))
        ]
        settings = SettingsCreator(
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
        linker = Linker(frames, settings, log_level=None)
        linker.training.estimate_probability_two_random_records_match([block_on("id_number")], recall=0.7)
        linker.training.estimate_u_using_random_sampling(max_pairs=1_000_000, seed=1)
        for rule in (block_on("id_number"), block_on("phone")):
            linker.training.estimate_parameters_using_expectation_maximisation(rule)
        found = linker.inference.predict(threshold_match_probability=REVIEW / 5, warning_mode="never")
        con.execute(_BEST.format(found=found.physical_name, match=MATCH, review=REVIEW, out=out))
        ((rows,),) = con.execute(f"select count(*) from {found.physical_name}").fetchall()
        return int(rows)


# Each record of the list takes its best candidate, or is shown with three.
_BEST = """
copy (
  with sided as (
    select case when source_dataset_l = 'left' then record_id_l else record_id_r end as left_id,
      case when source_dataset_l = 'left' then record_id_r else record_id_l end as right_id,
      match_probability as probability
    from {found} where match_probability >= {review}
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

    left, right = (pd.read_parquet(path).set_index("record_id") for path in (lists.left, lists.right))
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
    chances = classifier.prob(likeness)
    found = pd.DataFrame({"probability": chances}).reset_index()
    found.columns = ["left_id", "right_id", "probability"]
    best = found.sort_values("probability", ascending=False).drop_duplicates("right_id")
    best = best[best["probability"] >= REVIEW]
    best["decision"] = best["probability"].ge(MATCH).map({True: "match", False: "review"})
    best.to_parquet(out)
    return len(likeness)
