"""Names of people."""

import pytest

from lianxin.matching.clean.names import clean_name


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("张三", "张三"),
        (" 张　三\u200b", "张三"),
        ("张三(已退休)", "张三"),
        ("张三（已退休", "张三"),
        ("张三 已退休", "张三"),
        ("张三—退休", "张三"),
        ("李四 女士", "李四"),
        ("李四女士", "李四"),
        ("李四主任", "李四"),
        ("王五/王伍", "王五"),
        ("赵六 曾用名赵七", "赵六"),
        ("【困难】孙八", "孙八"),
        ("周九1", "周九"),
        ("阿卜杜热合曼·买买提", "阿卜杜热合曼买买提"),
        ("阿卜杜热合曼•买买提", "阿卜杜热合曼买买提"),
        ("阿卜杜热合曼．买买提", "阿卜杜热合曼买买提"),
        ("阿卜杜热合曼・买买提", "阿卜杜热合曼买买提"),
        ("阿卜杜热合曼‧买买提", "阿卜杜热合曼买买提"),
        ("張偉傑", "张伟杰"),
        ("ｊｏｈｎ Smith", "JOHNSMITH"),
        ("𠮷田", "𠮷田"),
    ],
)
def test_a_name_is_brought_into_one_spelling(given: str, name: str) -> None:
    assert clean_name(given) == name


@pytest.mark.parametrize("given", ["李先生", "欧阳书记", "孙女", "周乾", "于祕", "徐徵"])
def test_what_is_a_name_stays(given: str) -> None:
    # Only a surname would be left of the first ones; the last characters are simplified in their own right.
    assert clean_name(given) == given


@pytest.mark.parametrize("given", ["", " ", "不详", "无名氏", "(已退休)", "——", "N/A", "123", "\u200b"])
def test_nobody_is_named(given: str) -> None:
    assert clean_name(given) is None


def test_cleaning_twice_changes_nothing_more() -> None:
    for given in ("张 三(已退休)", "李四 女士", "張偉傑", "阿卜杜热合曼·买买提", "john smith"):
        once = clean_name(given)
        assert once is not None
        assert clean_name(once) == once
