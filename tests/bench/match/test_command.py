"""`lianxin bench match` whole, at a size that says nothing about speed."""

import json
from pathlib import Path

import pytest

from lianxin.bench.match.measuring import peers_of, shapes_of
from lianxin.bench.match.people import Shape
from tests.bench.test_bench import bench


def test_the_command_measures_itself_and_its_peers_and_leaves_nothing(tmp_path: Path) -> None:
    code, said, complained = bench(
        tmp_path,
        "match",
        "--sizes",
        "1500x300",
        "--seed",
        "5150",
        "--peers",
        "recordlinkage,encodings",
        "--json",
    )
    assert code == 0, complained
    told = json.loads(said)
    usual, harsher = told["lists"]
    assert (usual["name"], usual["rates"], usual["folk"], usual["seed"]) == ("usual", 1.0, "north", 5150)
    assert (harsher["name"], harsher["rates"], harsher["folk"], harsher["seed"]) == (
        "harsher",
        1.3,
        "south",
        5151,
    )
    assert usual["ours"]["accuracy"]["persons"] == 150
    assert usual["ours"]["accuracy"]["recall"] >= 0.97
    assert set(usual["ours"]["stages"]) >= {
        "reading",
        "features",
        "blocking",
        "scoring",
        "deciding",
        "writing",
    }
    assert usual["ours"]["pairs"] > 150
    assert usual["ours"]["memory"] > 50_000_000
    assert {kind["kind"] for kind in usual["ours"]["kinds"]} >= {"missing_number", "homophone", "father_son"}
    assert [peer["name"] for peer in usual["peers"]] == ["recordlinkage", "encodings"]
    assert usual["peers"][1]["accuracy"]["recall"] >= 0.95
    assert usual["peers"][0]["accuracy"]["recall"] > 0.5
    assert harsher["peers"] == []
    assert {aim["held"] for aim in told["aims"]} <= {True, False}
    assert "min left" in complained
    assert list(tmp_path.iterdir()) == []


def test_the_command_refuses_what_it_does_not_know(tmp_path: Path) -> None:
    code, _, complained = bench(tmp_path, "match", "--peers", "somebody")
    assert code != 0
    assert "--peers" in complained
    code, _, complained = bench(tmp_path, "match", "--sizes", "manyxfew")
    assert code != 0
    assert "--sizes" in complained


def test_sizes_are_read_the_smallest_first() -> None:
    assert shapes_of("1_000_000x200_000, 5000") == (Shape(5_000, 1_000), Shape(1_000_000, 200_000))
    with pytest.raises(ValueError, match="0x10"):
        shapes_of("0x10")


def test_peers_are_read() -> None:
    assert peers_of("febrl, splink") == ("febrl", "splink")
    assert peers_of("none") == ()
