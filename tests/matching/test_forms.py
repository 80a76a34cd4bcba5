"""Many names at once give the same forms as each name by itself."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianxin.matching.forms import FORMS, LONGEST, form_batch
from lianxin.matching.frequencies import expected_share
from lianxin.matching.names import name_forms
from lianxin.matching.surnames import SURNAME_READINGS, compound_surnames

SEVERAL_READINGS = "单乐重行长朝乾曾解区翟盛藏"
CHARACTERS = st.sampled_from([*"王李张伟芳国建欧阳司马清情未末ABC𠮷㐂", *SEVERAL_READINGS])
NAMES = st.lists(st.text(CHARACTERS, min_size=1, max_size=LONGEST + 2), unique=True, max_size=30)


def by_name(batch: pa.RecordBatch) -> dict[str, dict[str, object]]:
    return {row["name"]: row for row in batch.to_pylist()}


def by_themselves(names: list[str]) -> dict[str, dict[str, object]]:
    forms = {name: name_forms(name) for name in names}
    return {
        name: {field: getattr(form, field) for field in FORMS.names if field != "expected"}
        | {"expected": expected_share(form.surname, form.given)}
        for name, form in forms.items()
    }


@given(NAMES)
def test_many_names_have_the_forms_of_each(names: list[str]) -> None:
    batch = form_batch(names)
    assert batch.schema == FORMS
    assert by_name(batch) == by_themselves(names)


@pytest.mark.parametrize("given_name", ["", "乐", "重长", "靖淳"])
def test_every_surname_has_its_readings(given_name: str) -> None:
    names = [surname + given_name for surname in {*SURNAME_READINGS, *compound_surnames()}]
    assert by_name(form_batch(names)) == by_themselves(names)


def test_names_of_one_length_have_no_end_before_the_last_place() -> None:
    names = ["王伟", "单重", "乐乐"]
    assert by_name(form_batch(names)) == by_themselves(names)


def test_a_name_longer_than_any_other_is_worked_on_as_well() -> None:
    names = ["王伟", "阿卜杜" * 30, "X" * (LONGEST + 1)]
    batch = by_name(form_batch(names))
    assert batch == by_themselves(names)
    assert len(batch["阿卜杜" * 30]["given"]) == 64  # type: ignore[arg-type]


def test_more_readings_than_are_followed_are_cut_off_alike() -> None:
    names = ["乐乐乐乐乐", "单重行长乐朝"]
    batch = by_name(form_batch(names))
    assert batch == by_themselves(names)
    assert len(batch["单重行长乐朝"]["sounds"]) <= 8  # type: ignore[arg-type]


def test_no_names_give_no_rows() -> None:
    assert form_batch([]).num_rows == 0
