"""Models on disk: what was written is read again, and nothing else is taken for one."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from lianxin.matching import default_model, load_model, save_model
from lianxin.matching.problems import Problem


def test_a_model_that_was_saved_is_the_same_when_it_is_loaded(tmp_path: Path) -> None:
    model = replace(default_model(), match=0.97, provenance=({"kind": "em", "seed": 3},))
    save_model(model, tmp_path / "m.json")
    assert load_model(tmp_path / "m.json") == model
    assert [path.name for path in tmp_path.iterdir()] == ["m.json"]


def _without_a_level(told: dict[str, Any]) -> None:
    del told["chances"]["name"]["sound"]


def _no_share(told: dict[str, Any]) -> None:
    told["match"] = "high"


def _beyond_one(told: dict[str, Any]) -> None:
    told["chances"]["sex"]["exact"]["m"] = 2


def _no_chances(told: dict[str, Any]) -> None:
    del told["chances"]


@pytest.mark.parametrize("spoil", [_without_a_level, _no_share, _beyond_one, _no_chances])
def test_a_model_that_lacks_something_is_refused(tmp_path: Path, spoil: Any) -> None:
    path = tmp_path / "m.json"
    told = json.loads(json.dumps(asdict(default_model())))
    path.write_text(json.dumps(told), encoding="utf-8")
    assert load_model(path) == default_model()
    spoil(told)
    path.write_text(json.dumps(told), encoding="utf-8")
    _assert_refused(path)


@pytest.mark.parametrize("content", [b"", b"[1]", b"{}", b"\xff\xfe", "编号,姓名\n1,张三\n".encode()])
def test_another_file_is_no_model(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "m.json"
    path.write_bytes(content)
    _assert_refused(path)


def test_a_model_that_is_not_there_is_said(tmp_path: Path) -> None:
    _assert_refused(tmp_path / "none.json")
    _assert_refused(tmp_path)


def _assert_refused(path: Path) -> None:
    with pytest.raises(Problem) as problem:
        load_model(path)
    assert problem.value.code == "model_unreadable"
    assert path.name in problem.value.spoken("zh")
    assert path.name in problem.value.spoken("en")
