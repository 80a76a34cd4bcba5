"""From files to files: what `lianxin match encode` and `lianxin match link` do, without arguments and screen."""

import filecmp
from dataclasses import dataclass
from pathlib import Path

from lianxin.matching.encoding.files import is_encoding
from lianxin.matching.encoding.keyfile import load_key
from lianxin.matching.encoding.linking import Answered, link_encodings
from lianxin.matching.encoding.making import Encoded, encode
from lianxin.matching.problems import Problem, problem_with
from lianxin.matching.tables import Roster, load, save_table, working_folder
from lianxin.matching.tables.kinds import kind_of_file
from lianxin.matching.tables.loading import explained
from lianxin.matching.tables.writing import Column, check_apart, check_target, taken_back
from lianxin.matching.words import Progress, Words, part_of


@dataclass(frozen=True, slots=True)
class EncodeOrder:
    """What is to be encoded. `ids` is where old and new ids go; with `keep_ids` the list's own ids leave the house."""

    roster: Path
    key: Path
    out: Path
    ids: Path | None = None
    keep_ids: bool = False
    mapping: Path | None = None
    memory: int = 6 << 30

    @property
    def ids_target(self) -> Path | None:
        """Where the ids go: beside the encoding, unless said otherwise."""
        return None if self.keep_ids else self.ids or self.out.with_name(f"{self.out.stem}-ids.csv")


def run_encode(order: EncodeOrder, *, above: Path, progress: Progress) -> tuple[Encoded, Roster]:
    """Read, clean and encode a list. Raises ``Problem``; then neither the encoding nor the ids are there."""
    _check_outputs(order)
    check_apart([order.out], [order.roster, order.key, order.mapping])
    key = load_key(order.key)
    check_not_encoded(order.roster)
    with explained(order.out.name), working_folder(above) as work:
        roster = load(
            order.roster,
            mapping=order.mapping,
            work=work,
            memory=order.memory,
            progress=part_of(progress, 0.0, 0.3),
        )
        with taken_back(order.ids_target):
            encoded = encode(
                roster.path,
                out=order.out,
                ids=order.ids_target,
                key=key,
                work=work,
                memory=order.memory,
                progress=part_of(progress, 0.3, 0.7),
            )
    return encoded, roster


def check_not_encoded(roster: Path) -> None:
    """Refuse an encoding where a list is wanted. Raises ``Problem``."""
    if is_encoding(roster):
        words = Words(
            "“{name}”已经编码过；请给出原始名单。", "“{name}” is an encoding already; give the list itself."
        )
        raise problem_with(roster, "list_encoded", words)


def _check_outputs(order: EncodeOrder) -> None:
    _check_kind(order.out, ("csv", "parquet"))
    ids = order.ids_target
    if ids is None:
        return
    _check_kind(ids, ("csv",))
    if ids.resolve() == order.out.resolve() or ids.exists():
        words = Words(
            "编号对照文件“{name}”已存在，不会覆盖：没有它，先前的答复就对不回本部门的编号；请用 --ids 另起一个名字。",
            "The file of ids “{name}” is there already and is not replaced: without it, earlier answers could not be "
            "brought back to your own ids. Give another name with --ids.",
        )
        raise Problem("ids_exist", words.format(name=ids.name))


def _check_kind(out: Path, kinds: tuple[str, ...]) -> None:
    if check_target(out) not in kinds:
        words = Words(
            "“{name}”只能写成 {kinds}：请改扩展名。", "“{name}” is written as {kinds}: change its ending."
        )
        raise Problem("ending_unknown", words.format(name=out.name, kinds=" / ".join(f".{k}" for k in kinds)))


ANSWERS = (Column("left_id", 24), Column("right_id", 24), Column("answer", 10))


def run_link(left: Path, right: Path, *, out: Path, memory: int, above: Path, progress: Progress) -> Answered:
    """Link two encodings and write the answers, whole or not at all. Raises ``Problem``."""
    check_target(out)
    check_apart([out], [left, right])
    for given in (left, right):
        kind_of_file(given)
    if left.samefile(right) or filecmp.cmp(left, right, shallow=False):
        words = Words("左右两份是同一份编码。", "Left and right are the same encoding.")
        raise Problem("lists_same", words)
    with explained(out.name), working_folder(above) as work:
        answers = work / "answers.parquet"
        answered = link_encodings(left, right, out=answers, work=work, memory=memory, progress=progress)
        save_table(answers, out, ANSWERS)
    return answered
