"""`lianxin match explain`: how the probability of one pair comes about, as a picture or as data."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from lianxin.matching.explaining import Waterfall, explain, explain_found
from lianxin.matching.linking import Limits
from lianxin.matching.lookup import Prepared
from lianxin.matching.model import load_model
from lianxin.matching.picture import draw
from lianxin.matching.problems import Problem
from lianxin.matching.reviewing import check_known, read_answers
from lianxin.matching.tables import working_folder
from lianxin.matching.tables.loading import explained
from lianxin.matching.tables.writing import whole
from lianxin.matching.words import Language, Progress, Words, part_of
from lianxin.operate.matching.command import Answer, MatchCommand, folder_of_runs, loaded


class Command(MatchCommand):
    """The deed."""

    help = (
        "Explain one pair: each weight, who competes, and the rule that held. LEFT may be a prepared roster."
    )

    def options_of(self, parser: ArgumentParser) -> None:
        """Add what this deed alone understands."""
        parser.add_argument("left", type=Path, metavar="LEFT", help="a list, or a folder made by prepare")
        parser.add_argument("right", type=Path, metavar="RIGHT", help="a list")
        parser.add_argument("left_id", metavar="LEFT_ID", help="the key of the left record")
        parser.add_argument("right_id", metavar="RIGHT_ID", help="the key of the right record")
        parser.add_argument("--out", type=Path, help="picture (.svg) or data (.json); nothing: told here")
        parser.add_argument("--model", type=Path, help="a trained model, instead of the one shipped")
        parser.add_argument("--answers", type=Path, help="reviewed pairs, as the comparison took them")
        parser.add_argument("--one-to-many", action="store_true", help="as the comparison was made")

    def work(self, options: dict[str, Any], progress: Progress) -> Answer:
        """Do it."""
        language: Language = options["lang"]
        out: Path | None = options["out"]
        if out and out.suffix not in {".svg", ".json"}:
            words = Words("解释只能写成 .svg 或 .json。", "An explanation is written as .svg or .json.")
            raise Problem("ending_unknown", words)
        fall = _explained(options, progress)
        facts = fall.as_dict()
        if out:
            text = (
                draw(fall, language)
                if out.suffix == ".svg"
                else json.dumps(facts, ensure_ascii=False, indent=1)
            )
            with explained(out.name), whole(out) as stream:
                stream.write(text.encode("utf-8"))
        return Answer(facts, _lines(fall))


def _explained(options: dict[str, Any], progress: Progress) -> Waterfall:
    keys = (options["left_id"], options["right_id"])
    answers = read_answers(options["answers"]) if options["answers"] else []
    model = load_model(options["model"]) if options["model"] else None
    with working_folder(folder_of_runs()) as work:
        prepared_left = options["left"].is_dir()
        lists = [options["right"]] if prepared_left else [options["left"], options["right"]]
        rosters = loaded(lists, options, work, part_of(progress, 0.0, 0.5))
        left, right = rosters[0].path, rosters[-1].path
        if prepared_left:
            row = next((r for r in pq.read_table(right).to_pylist() if r["record_id"] == keys[1]), None)
            if row is None:
                words = Words("右边的名单中没有这个编号。", "The right list has no record with this key.")
                raise Problem("record_unknown", words)
            with Prepared(options["left"], model=model) as prepared:
                return explain_found(prepared, row, keys[0], clean=True)
        if answers:
            check_known(answers, options["answers"].name, left, right)
        return explain(
            left,
            right,
            *keys,
            model=model,
            cardinality="one-to-many" if options["one_to_many"] else "one-to-one",
            answers=answers,
            limits=Limits(memory=options["memory"], temporary=work),
            progress=part_of(progress, 0.5, 0.5),
        )


def _lines(fall: Waterfall) -> list[Words]:
    rows = [Words(f"{fall.start:+8.2f}  起点", f"{fall.start:+8.2f}  start")]
    for step in fall.steps:
        rows.append(
            Words(
                f"{step.weight:+8.2f}  {step.level_words.zh}", f"{step.weight:+8.2f}  {step.level_words.en}"
            )
        )
        if step.share is not None:
            often = f"{1 / step.share:,.0f}"
            rows.append(
                Words(
                    f"{step.adjustment:+8.2f}  {often} 人中有一个", f"{step.adjustment:+8.2f}  one in {often}"
                )
            )
    if fall.household:
        rows.append(Words(f"{fall.household:+8.2f}  同住的家人", f"{fall.household:+8.2f}  household"))
    return [
        *rows,
        Words(f"{fall.weight:+8.2f}  合计", f"{fall.weight:+8.2f}  sum"),
        Words(
            f"另有 {fall.rivals_in_all} 个候选；概率 {fall.probability:.6f}",
            f"{fall.rivals_in_all} other candidates; probability {fall.probability:.6f}",
        ),
        fall.rule_words,
    ]
