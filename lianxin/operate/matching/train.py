"""`lianxin match train`: a model from two large lists, without answers."""

from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.utils import timezone

from lianxin.matching.engines import Limits
from lianxin.matching.model import load_model, save_model
from lianxin.matching.tables import working_folder
from lianxin.matching.training import train
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

    help = "Train a model on two large lists by expectation maximisation; the old model stays as it is."

    def options_of(self, parser: ArgumentParser) -> None:
        """Add what this deed alone understands."""
        parser.add_argument("left", type=Path, metavar="LEFT", help="a roster")
        parser.add_argument("right", type=Path, metavar="RIGHT", help="a list many of whom are in it")
        parser.add_argument("--out-model", type=Path, required=True, metavar="M", help="the new model, .json")
        parser.add_argument("--model", type=Path, help="the model to begin with (the one shipped)")
        parser.add_argument("--seed", type=int, default=1, help="which pairs are drawn (1)")

    def work(self, options: dict[str, Any], progress: Progress) -> Answer:
        """Do it."""
        check_new_model(options["out_model"])
        with working_folder(folder_of_runs()) as work:
            left, right = loaded(
                [options["left"], options["right"]], options, work, part_of(progress, 0.0, 0.3)
            )
            model, told = train(
                left.path,
                right.path,
                at=timezone.localdate(),
                model=load_model(options["model"]) if options["model"] else None,
                seed=options["seed"],
                limits=Limits(memory=options["memory"], temporary=work),
                progress=part_of(progress, 0.3, 0.7),
            )
        save_model(model, options["out_model"])
        return Answer(asdict(told), [_DONE.format(**asdict(told))])


_DONE = Words(
    "新模型已写出：{left:,} 行与 {right:,} 行，训练了 {levels} 个级别。",
    "The new model is written: {left:,} and {right:,} rows, {levels} levels trained.",
)
