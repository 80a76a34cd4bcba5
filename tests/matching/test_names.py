"""What names sound and look like."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianxin.matching.names import NameForms, name_forms, split_name


def share(kind: str, one: str, other: str) -> bool:
    a, b = name_forms(one), name_forms(other)
    return bool(set(getattr(a, kind)) & set(getattr(b, kind)))


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("王伟", ("王", "伟")),
        ("王建国", ("王", "建国")),
        ("欧阳靖淳", ("欧阳", "靖淳")),
        ("欧阳娜", ("欧阳", "娜")),
        # Two characters that are a compound surname are a surname and a given name all the same.
        ("东方", ("东", "方")),
        ("爱新觉罗溥仪", ("爱新觉罗", "溥仪")),
        ("阿卜杜拉买买提", ("", "阿卜杜拉买买提")),
        ("扎西多吉", ("", "扎西多吉")),
    ],
)
def test_a_name_is_split_into_surname_and_given_name(name: str, parts: tuple[str, str]) -> None:
    assert split_name(name) == parts


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("单雄", "善雄"),
        ("仇英", "求英"),
        ("解缙", "谢缙"),
        ("区明", "欧明"),
        ("曾国", "增国"),
        ("查良", "扎良"),
        # Several readings: 乐 is yue as a surname and le in a given name.
        ("张乐", "张勒"),
        ("乐毅", "月毅"),
        ("吕刚", "旅刚"),
        ("尉迟恭", "玉池恭"),
    ],
)
def test_names_that_read_the_same_share_a_sound(one: str, other: str) -> None:
    assert share("sounds", one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("张三", "脏三"),
        ("陈晨", "岑岑"),
        ("石磊", "思磊"),
        ("牛力", "刘力"),
        ("林英", "林因"),
        ("林登", "林灯"),
        ("郑成", "镇晨"),
        ("黄海", "房海"),
        ("胡强", "扶强"),
    ],
)
def test_names_that_sound_nearly_the_same_share_a_near_sound(one: str, other: str) -> None:
    assert share("nears", one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("林清", "林情"),
        ("杨柳", "扬柳"),
        ("李未", "李末"),
        ("周士强", "周土强"),
        ("王大力", "王太力"),
        ("赵伟", "赵玮"),
    ],
)
def test_names_with_one_look_alike_character_share_a_look(one: str, other: str) -> None:
    assert share("looks", one, other)


def test_other_names_share_neither_sound_nor_look() -> None:
    for kind in ("sounds", "nears", "looks"):
        assert not share(kind, "王建国", "李秀英")
        assert not share(kind, "王建国", "王建军")
    # Two characters that differ are one too many for a look-alike.
    assert not share("looks", "清清清", "情情清")


def test_one_character_of_the_given_name_more_less_or_changed_is_a_slip() -> None:
    assert share("slips", "王建国", "王建军")
    assert share("slips", "王建国", "王国")
    assert share("slips", "王建国", "王建")
    assert share("slips", "阿卜杜热依木买买提", "阿卜杜热依木")
    assert not share("slips", "王伟", "王强")
    assert not share("slips", "王建国", "李建国")


def test_characters_in_another_order_have_one_bag() -> None:
    assert name_forms("王国建").bag == name_forms("王建国").bag
    assert name_forms("王国健").bag != name_forms("王建国").bag


def test_a_character_without_reading_stands_for_itself() -> None:
    assert share("sounds", "王A", "王A")
    assert not share("sounds", "王A", "王B")


@given(st.text("王李欧阳单解乐重伟建国英买提·AZ", min_size=1, max_size=12))
def test_every_name_has_forms_that_fit_the_database_and_are_its_own(name: str) -> None:
    forms = name_forms(name)
    assert forms == name_forms(name)
    assert forms.surname + forms.given == name
    assert forms.sound in forms.sounds
    assert forms.near in forms.nears
    for token in _tokens(forms):
        assert 0 <= token < 2**62


def _tokens(forms: NameForms) -> list[int]:
    lists = [forms.sounds, forms.nears, forms.looks, forms.slips, forms.surname_sounds, forms.given_sounds]
    return [forms.bag, *(token for tokens in lists for token in tokens)]
