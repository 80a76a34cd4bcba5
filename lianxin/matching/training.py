"""A model from two large lists without any answers: Splink's expectation maximisation over our comparisons.

Each rule finds pairs that share something; the comparisons that have nothing to do with it are trained on those pairs,
and what several rules say of one comparison is averaged by Splink. u is counted on pairs drawn at random.
"""

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from lianxin.matching.comparisons import COMPARISONS
from lianxin.matching.engines import Limits
from lianxin.matching.engines.duck import open_duckdb
from lianxin.matching.lookup import digest
from lianxin.matching.model import SMALLEST, Chance, Model, default_model
from lianxin.matching.problems import Problem
from lianxin.matching.words import Progress, Words, silent

# Rules that share no column, so that each comparison is trained by one of them at least. A phone alone will not do: a
# family shares it, and its members are alike in much.
RULES = (
    "l.name = r.name and l.birth = r.birth",
    "l.id_number = r.id_number",
    "l.phone = r.phone and l.given = r.given",
)
# Fewer records than this on either side say less than the model that is shipped.
LEAST_RECORDS = 2_000
RANDOM_PAIRS = 2_000_000
# Nothing is so sure that the trained chance replaces all that was known: it counts nine tenths of the whole.
TRUST = 0.9
# Figures that count: what differs beyond is the order in which sums were made.
_FIGURES = 6


@dataclass(frozen=True, slots=True)
class Trained:
    """What was trained on, and how many levels were seen often enough to be trained."""

    left: int
    right: int
    rules: int
    levels: int


def train(
    left: Path,
    right: Path,
    *,
    at: date,
    model: Model | None = None,
    seed: int = 1,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> tuple[Model, Trained]:
    """A model trained on two clean rosters; thresholds stay those of the old one.

    The same lists and seed give the same model. Raises ``Problem`` when the lists are too short.
    """
    say = progress or silent
    base = model or default_model()
    with open_duckdb(replace(limits or Limits(), threads=1)) as db:
        say(Words("读取左表", "Reading the left list"), 0.0)
        lefts = db.make_features(left, table="left_records")
        say(Words("读取右表", "Reading the right list"), 0.25)
        rights = db.make_features(right, table="right_records", first=lefts)
        if min(lefts, rights) < LEAST_RECORDS:
            words = Words(
                "名单太短，训练不如用自带的模型：两边各需至少 {n:,} 行。",
                "The lists are too short to train on, and the shipped model knows more: each needs {n:,} rows.",
            )
            raise Problem("lists_short", words.format(n=LEAST_RECORDS))
        linker = _linker(db.splink(), base, max(lefts, rights))
        say(Words("抽样估计偶然相同的机会", "Drawing pairs at random"), 0.4)
        linker.training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=seed)
        worked = 0
        for n, rule in enumerate(RULES):
            say(Words("训练（EM）", "Training (EM)"), 0.5 + 0.5 * n / len(RULES))
            worked += _train_by(linker, rule)
        stored = linker.misc.save_model_to_json()
    chances, levels = _chances(base, stored["comparisons"], base.known / max(lefts, rights))
    told = Trained(lefts, rights, worked, levels)
    facts = {"kind": "em", "date": at.isoformat(), "seed": seed, "before": digest(base), **asdict(told)}
    return replace(base, chances=chances, provenance=(*base.provenance, facts)), told


def _linker(api: Any, model: Model, larger: int) -> Any:
    from splink import Linker

    for name in ("splink", "splink.internals"):
        logging.getLogger(name).setLevel(logging.ERROR)
    settings = model.settings(larger=larger, dialect="duckdb") | {"link_type": "link_only"}
    settings["max_iterations"] = 25
    for comparison in settings["comparisons"]:
        for level in comparison["comparison_levels"]:
            for name in [key for key in level if key.startswith(("tf_", "disable_tf"))]:
                del level[name]
    return Linker(
        [api.register("left_records"), api.register("right_records")],
        settings,
        log_level=None,
        validate_settings=False,
    )


def _train_by(linker: Any, rule: str) -> bool:
    """Whether the rule found pairs to train on."""
    from splink.internals.exceptions import EMTrainingException

    try:
        linker.training.estimate_parameters_using_expectation_maximisation(rule, fix_u_probabilities=True)
    except EMTrainingException:
        return False
    return True


def _chances(
    base: Model, trained: Sequence[dict[str, Any]], same: float
) -> tuple[dict[str, dict[str, Chance]], int]:
    """The trained chances with what was known before, and how many levels have one.

    `same`: of pairs drawn at random, how many are one person; in lists of thousands they would show in u.
    """
    chances: dict[str, dict[str, Chance]] = {}
    count = 0
    for comparison, told in zip(COMPARISONS, trained, strict=True):
        by_name = {level["label_for_charts"]: level for level in told["comparison_levels"]}
        chances[comparison.name] = {}
        for level in comparison.levels:
            if level.nothing:
                continue
            before, found = base.chances[comparison.name][level.name], by_name[level.name]
            m, u = found.get("m_probability"), found.get("u_probability")
            count += m is not None
            if m is not None and u is not None:
                u = max(u / 20, (u - same * m) / (1 - same))
            chances[comparison.name][level.name] = Chance(_mixed(before.m, m), _mixed(before.u, u))
    return chances, count


def _mixed(before: float, trained: float | None) -> float:
    share = before if trained is None else TRUST * trained + (1 - TRUST) * before
    return max(SMALLEST, float(f"{share:.{_FIGURES}g}"))
