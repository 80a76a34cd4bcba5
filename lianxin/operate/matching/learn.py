"""`lianxin match learn`: a new model from a review that was filled in."""

from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.utils import timezone

from lianxin.matching.engines import Limits
from lianxin.matching.learning import learn
from lianxin.matching.model import load_model, save_model
from lianxin.matching.reviewing import check_known, read_answers
from lianxin.matching.tables import working_folder
from lianxin.matching.words import Progress, Words, part_of
from lianxin.operate.matching.command import (
    Answer,
    MatchCommand,
    check_new_model,
    folder_of_runs,
    loaded,
)


class Command(MatchCommand):
    """The deed."""

    help = "Make a better model from answers about pairs of two lists; the old model stays as it is."

    def options_of(self, parser: ArgumentParser) -> None:
        """Add what this deed alone understands."""
        parser.add_argument("left", type=Path, metavar="LEFT", help="the roster that was compared")
        parser.add_argument("right", type=Path, metavar="RIGHT", help="the list that was compared")
        parser.add_argument("--answers", type=Path, required=True, help="a review filled in: .xlsx or .csv")
        parser.add_argument("--out-model", type=Path, required=True, metavar="M", help="the new model, .json")
        parser.add_argument("--model", type=Path, help="the model that was compared with (the one shipped)")
        parser.add_argument("--one-to-many", action="store_true", help="as the comparison was made")
        parser.add_argument("--seed", type=int, default=1, help="which answers are held back (1)")

    def work(self, options: dict[str, Any], progress: Progress) -> Answer:
        """Do it."""
        check_new_model(options["out_model"])
        answers = read_answers(options["answers"])
        with working_folder(folder_of_runs()) as work:
            left, right = loaded(
                [options["left"], options["right"]], options, work, part_of(progress, 0.0, 0.3)
            )
            check_known(answers, options["answers"].name, left.path, right.path)
            model, told = learn(
                left.path,
                right.path,
                answers,
                at=timezone.localdate(),
                model=load_model(options["model"]) if options["model"] else None,
                cardinality="one-to-many" if options["one_to_many"] else "one-to-one",
                seed=options["seed"],
                limits=Limits(memory=options["memory"], temporary=work),
                progress=part_of(progress, 0.3, 0.7),
            )
        save_model(model, options["out_model"])
        facts = asdict(told) | {"match": model.match, "review": model.review}
        said = (_MOVED if told.moved else _KEPT).format(
            match=f"{model.match:g}",
            review=f"{model.review:g}",
            precision=_share(told.precision),
            recall=_share(told.recall),
        )
        return Answer(facts, [_DONE.format(**facts), said])


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share:.4f}"


_DONE = Words(
    "新模型已写出：{yes} 对是、{no} 对否、{unsure} 对不确定，另以 {matches:,} 对匹配为准。",
    "The new model is written: {yes} yes, {no} no, {unsure} not sure, and {matches:,} matches taken as right.",
)
_MOVED = Words(
    "阈值改为匹配 {match}、核对 {review}；留出的答复上，匹配的准确率 {precision}，找回率 {recall}。",
    "Thresholds are now {match} for match and {review} for review; on the answers held back, precision of "
    "match is {precision}, recall {recall}.",
)
_KEPT = Words(
    "阈值不变：匹配 {match}、核对 {review}（答复太少，或留出的答复不支持改动）。",
    "Thresholds stay: {match} for match and {review} for review (too few answers, or those held back do not "
    "support a change).",
)
