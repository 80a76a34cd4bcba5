"""What a run of `lianxin bench match` says to its reader, in lines and as facts for a program."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from importlib.util import find_spec

from lianxin.bench.machine import facts_beside
from lianxin.bench.match.accuracy import KindAccuracy
from lianxin.bench.match.measuring import SEED, Compared, MatchResult, Measured
from lianxin.bench.report import Told
from lianxin.home import home

GIB = 2**30
PRECISION, RECALL, IN_REVIEW = 0.999, 0.99, 0.02
TIME_RATIO, GROWTH = 1.3, 1.2
# Of what clear text finds, how much encodings have to find.
THROUGH_ENCODINGS = 0.97
# Seconds and bytes that a roster of so many rows may take.
BOUNDS = {1_000_000: (90.0, 6e9), 10_000_000: (1200.0, 16e9)}
_LIBRARIES = ("splink", "duckdb", "pyarrow", "pypinyin", "recordlinkage")
_STAGES = {"reading": "reading and cleaning", "features": "names", "blocking": "candidates"}
_WORDS = {
    "missing_number": "missing number",
    "mistyped_number": "mistyped number",
    "cut_number": "number lost its end",
    "homophone": "homophone",
    "look_alike": "look-alike",
    "dropped": "character dropped",
    "swapped": "characters swapped",
    "phone_changed": "changed phone",
    "missing_birth": "missing birth date",
    "mistyped_birth": "mistyped birth date",
    "minority": "minority name",
    "twin": "twin",
    "father_son": "father and son",
    "crowded": "crowd of one name and day",
}


@dataclass(frozen=True, slots=True)
class Aim:
    """What was asked for, and what came out."""

    words: str
    value: float
    bound: float
    most: bool

    @property
    def held(self) -> bool:
        """Whether it came out so."""
        return self.value <= self.bound if self.most else self.value >= self.bound


def match(result: MatchResult) -> Told:
    """Accuracy and speed of data comparison, list by list, beside its peers."""
    place = home()
    place.mkdir(parents=True, exist_ok=True)  # a comparison needs no home, so there may be none yet
    machine = facts_beside(place, {name: version(name) for name in _LIBRARIES if find_spec(name)})
    aims = aims_of(result)
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    lines = [
        f"{machine['date']}: {machine['cores']} cores, {machine['memory_gib']} GiB, load {machine['load']}",
        versions,
    ]
    for compared in result.lists:
        lines += ["", *_list_lines(compared)]
    if result.febrl:
        lines += ["", "FEBRL 4 (5,000 x 5,000), learnt without answers; called one person from 0.95 on"]
        lines += table(
            ("", "precision", "recall", "F1", "best F1 of any threshold"),
            [
                (
                    each.name,
                    f"{each.precision:.4f}",
                    f"{each.recall:.4f}",
                    f"{each.f1:.4f}",
                    f"{each.best_f1:.4f}",
                )
                for each in result.febrl
            ],
        )
    lines += ["", "Aims"]
    lines += table(
        ("", "value", "aim", ""),
        [
            (
                aim.words,
                f"{aim.value:.5g}",
                f"{'at most' if aim.most else 'at least'} {aim.bound:g}",
                "held" if aim.held else "NOT HELD",
            )
            for aim in aims
        ],
    )
    facts = {
        "bench": "match",
        "machine": machine,
        "lists": [asdict(compared) for compared in result.lists],
        "febrl": [asdict(each) for each in result.febrl],
        "aims": [{**asdict(aim), "held": aim.held} for aim in aims],
    }
    return Told(lines, facts)


def aims_of(result: MatchResult) -> list[Aim]:
    """What this run says about the aims."""
    aims = []
    for compared in result.lists:
        ours, size = compared.ours, _size(compared.ours)
        name = f"{size}, {compared.name} rates: "
        aims += [
            Aim(f"{name}precision of match", ours.accuracy.precision, PRECISION, most=False),
            Aim(f"{name}recall of match and review", ours.accuracy.recall, RECALL, most=False),
            Aim(f"{name}share in review", ours.accuracy.in_review, IN_REVIEW, most=True),
        ]
        if ours.shape.roster in BOUNDS and compared.name == "usual":
            seconds, memory = BOUNDS[ours.shape.roster]
            aims += [
                Aim(f"{size}: seconds", ours.seconds, seconds, most=True),
                Aim(f"{size}: memory, GB", ours.memory / 1e9, memory / 1e9, most=True),
            ]
        aims += [
            Aim(f"{size}: time to {peer.name}'s", ours.seconds / peer.seconds, TIME_RATIO, most=True)
            for peer in compared.peers
            if peer.name.startswith("splink")
        ]
        for peer in compared.peers:
            if peer.name == "encodings":
                aims += _encoded(name, peer, ours)
    return aims + _growth([compared.ours for compared in result.lists if compared.name == "usual"])


def _encoded(name: str, peer: Measured, ours: Measured) -> list[Aim]:
    share = peer.accuracy.recall / ours.accuracy.recall if ours.accuracy.recall else 1.0
    return [
        Aim(f"{name}precision of yes through encodings", peer.accuracy.precision, PRECISION, most=False),
        Aim(f"{name}found through encodings, of clear text's", share, THROUGH_ENCODINGS, most=False),
    ]


def _growth(measured: Sequence[Measured]) -> list[Aim]:
    """How the cost of a row grows from the smallest size to the largest."""
    small, large = measured[0], measured[-1]
    if small.shape.roster == large.shape.roster:
        return []
    times = (large.seconds / small.seconds) / (large.shape.roster / small.shape.roster)
    return [Aim(f"growth from {_size(small)} to {_size(large)}, linear is 1", times, GROWTH, most=True)]


def _list_lines(compared: Compared) -> list[str]:
    ours = compared.ours
    unseen = "which was not looked at before" if compared.seed in {SEED, SEED + 1} else "given"
    head = (
        f"{_size(ours)}, {compared.name} rates (x {compared.rates:g}), people of the {compared.folk}, "
        f"seed {compared.seed}, {unseen}"
    )
    rows = [_row(each) for each in (ours, *compared.peers)]
    lines = [head, *table(_HEADS, rows)]
    stages = (f"{_STAGES.get(stage, stage)} {seconds:.1f} s" for stage, seconds in ours.stages.items())
    lines.append("  " + ", ".join(stages))
    smaller = [each for each in compared.peers if each.shape != ours.shape]
    lines += [f"  {each.name} on lists of its own, {_size(each)}: more takes it too long" for each in smaller]
    return [*lines, "", *table(("kind of error", "persons", "match", "match or review"), _kinds(ours.kinds))]


_HEADS = (
    "",
    "rows",
    "pairs looked at",
    "seconds",
    "GB",
    "precision",
    "recall of match",
    "with review",
    "in review",
)


def _row(measured: Measured) -> tuple[str, ...]:
    found = measured.accuracy
    return (
        measured.name,
        _size(measured),
        f"{measured.pairs:,}",
        f"{measured.seconds:.1f}",
        f"{measured.memory / 1e9:.2f}",
        f"{found.precision:.5f}",
        f"{found.recall_match:.4f}",
        f"{found.recall:.4f}",
        f"{found.in_review:.2%}",
    )


def _kinds(kinds: Sequence[KindAccuracy]) -> list[tuple[str, ...]]:
    return [
        (
            _WORDS.get(each.kind, each.kind),
            f"{each.persons:,}",
            f"{each.recall_match:.4f}",
            f"{each.recall:.4f}",
        )
        for each in kinds
    ]


def _size(measured: Measured) -> str:
    return f"{measured.shape.roster:,} x {measured.shape.listed:,}"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines whose columns stand under one another, the first to the left."""
    widths = [max(len(row[n]) for row in (heads, *rows)) for n in range(len(heads))]
    return [
        "  "
        + "  ".join(
            cell.ljust(width) if n == 0 else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in (heads, *rows)
    ]
