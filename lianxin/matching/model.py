"""A model: how often each level holds among pairs that are one person and among others, and two thresholds."""

import json
from dataclasses import asdict, dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from lianxin.matching.comparisons import COMPARISONS, Level
from lianxin.matching.engines import Dialect
from lianxin.matching.engines.dialect import in_words_of
from lianxin.matching.problems import problem_with
from lianxin.matching.tables.loading import explained
from lianxin.matching.tables.writing import whole
from lianxin.matching.words import Words

# No probability of a level is taken to be smaller: what was never seen may still happen.
SMALLEST = 1e-9


@dataclass(frozen=True, slots=True)
class Chance:
    """Of a level: m among pairs that are one person, u among pairs that are not."""

    m: float
    u: float


# Half of those who are in a list with their family are in the other with it as well; that another family of the same
# surname, home and matched member is met by chance is next to impossible, but relatives and wrong matches exist.
HOUSEHOLD = Chance(0.5, 0.0005)


@dataclass(frozen=True, slots=True)
class Model:
    """`known` is the share of the smaller list that is taken to be in the larger one before anything is compared.

    `match` and `review` are probabilities: from the first on, a pair is taken as one person; from the second on, a
    person looks at it. `household` is about another member of both households being matched. `provenance` says where a
    trained or corrected model comes from: counts, dates and seeds, nothing of the lists.
    """

    chances: dict[str, dict[str, Chance]]
    match: float
    review: float
    known: float = 0.5
    note: str = ""
    household: Chance = HOUSEHOLD
    provenance: tuple[dict[str, Any], ...] = ()

    def settings(self, *, larger: int, dialect: Dialect = "duckdb") -> dict[str, Any]:
        """What Splink needs, for a larger list of so many records, in the words of a database."""
        return {
            "link_type": "dedupe_only",
            "unique_id_column_name": "rec",
            "sql_dialect": dialect,
            "probability_two_random_records_match": min(0.5, self.known / max(1, larger)),
            "retain_intermediate_calculation_columns": True,
            "retain_matching_columns": True,
            "blocking_rules_to_generate_predictions": [
                {"blocking_rule": "l.name = r.name", "sql_dialect": dialect}
            ],
            "comparisons": [
                {
                    "output_column_name": comparison.name,
                    "comparison_description": comparison.words.en,
                    "comparison_levels": [
                        self._level(comparison.name, level, dialect) for level in comparison.levels
                    ],
                }
                for comparison in COMPARISONS
            ],
        }

    def _level(self, comparison: str, level: Level, dialect: Dialect) -> dict[str, Any]:
        told = {"sql_condition": in_words_of(dialect, level.condition), "label_for_charts": level.name}
        if level.nothing:
            return {**told, "is_null_level": True}
        chance = self.chances[comparison][level.name]
        frequency = (
            {
                "tf_adjustment_column": level.frequency,
                "tf_adjustment_weight": 1.0,
                "disable_tf_exact_match_detection": True,
            }
            if level.frequency
            else {}
        )
        return {
            **told,
            **frequency,
            "m_probability": max(chance.m, SMALLEST),
            "u_probability": max(chance.u, SMALLEST),
        }

    def with_chances(self, chances: dict[str, dict[str, Chance]], *, note: str) -> "Model":
        """The same thresholds with other chances."""
        return replace(self, chances=chances, note=note)


def load_model(path: Path) -> Model:
    """Read a model that `save_model` has written. Raises ``Problem`` when it is none, or lacks a level."""
    try:
        model = _model(json.loads(path.read_text("utf-8")))
    except OSError:
        raise problem_with(path, "model_unreadable", _MISSING) from None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise problem_with(path, "model_unreadable", _NO_MODEL) from None
    wanted = {c.name: {level.name for level in c.levels if not level.nothing} for c in COMPARISONS}
    held = {comparison: set(levels) for comparison, levels in model.chances.items()}
    numbers = [number for levels in model.chances.values() for c in levels.values() for number in (c.m, c.u)]
    if held != wanted or not all(_is_share(n) for n in (*numbers, model.match, model.review, model.known)):
        raise problem_with(path, "model_unreadable", _NO_MODEL)
    return model


def _is_share(number: object) -> bool:
    return isinstance(number, int | float) and 0 <= number <= 1


_MISSING = Words(
    "打不开模型“{name}”：请检查路径和读取权限。",
    "The model “{name}” cannot be opened: check the path and that you may read it.",
)
_NO_MODEL = Words(
    "“{name}”不是本版本的模型：模型由 lianxin match learn 或 train 写出，请重新生成。",
    "“{name}” is no model of this version: models are written by lianxin match learn or train; make it again.",
)


def save_model(model: Model, path: Path) -> None:
    """Write a model as JSON, whole or not at all. Raises ``Problem`` when the disk is full."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with explained(path.name), whole(path) as stream:
        stream.write((json.dumps(asdict(model), ensure_ascii=False, indent=1) + "\n").encode())


@cache
def default_model() -> Model:
    """The model that is shipped: what was measured on lists invented for it, see docs/guide/matching.md."""
    return _model(json.loads(files("lianxin.matching").joinpath("data/model.json").read_text("utf-8")))


def _model(stored: dict[str, Any]) -> Model:
    chances = {
        comparison: {level: Chance(**chance) for level, chance in levels.items()}
        for comparison, levels in stored.pop("chances").items()
    }
    household = Chance(**stored.pop("household")) if "household" in stored else HOUSEHOLD
    provenance = tuple(stored.pop("provenance", ()))
    return Model(chances=chances, household=household, provenance=provenance, **stored)
