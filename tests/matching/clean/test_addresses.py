"""Addresses, employers and the regions they name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianxin.matching.clean.addresses import clean_employer, clean_region, clean_text, head_of, split_head
from lianxin.matching.clean.regions import current_code


def split(address: str) -> tuple[str | None, str]:
    text = clean_text(address) or ""
    code, length = split_head(head_of(text))
    return code, text[length:]


@pytest.mark.parametrize(
    ("address", "code", "rest"),
    [
        ("河南省郑州市中原区建设路12号", "410102", "建设路12号"),
        ("河南 郑州 惠济区 人民路3号", "410108", "人民路3号"),
        ("郑州市中原区建设路", "410102", "建设路"),
        ("中原区建设路", "410102", "建设路"),
        ("中国河南省郑州市中原区建设路", "410102", "建设路"),
        ("江苏省昆山市玉山镇", "320583", "玉山镇"),
        ("上海市浦东新区南京路1号", "310115", "南京路1号"),
        ("北京市市辖区朝阳区建国路", "110105", "建国路"),
        ("大连中山区人民路", "210202", "人民路"),
        ("湖北恩施州利川市", "422802", ""),
        ("新疆维吾尔自治区巴音郭楞蒙古自治州焉耆回族自治县永宁镇", "652826", "永宁镇"),
        ("湖北省仙桃市沙嘴街道", "429004", "沙嘴街道"),
        ("郑州市建设路5号", "410100", "建设路5号"),
    ],
)
def test_an_address_is_parted_into_region_and_rest(address: str, code: str, rest: str) -> None:
    assert split(address) == (code, rest)


@pytest.mark.parametrize("address", ["南京路12号", "鼓楼区中山路", "幸福村3组", "建设路"])
def test_an_address_that_names_no_one_region_stays_whole(address: str) -> None:
    assert split(address) == (None, address)


def test_a_retired_region_is_what_became_of_it() -> None:
    assert split("广西壮族自治区宜州市庆远镇") == ("451203", "庆远镇")
    assert split("广西河池市宜州区庆远镇") == ("451203", "庆远镇")
    assert current_code("451281") == "451203"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("410102", "410102"),
        ("410102001", "410102"),
        ("410102001003", "410102"),
        ("451281", "451203"),
        ("河南省", "410000"),
        ("郑州市中原区", "410102"),
        ("410102.0", "410102"),
        ("999999", None),
        ("12", None),
        ("某地", None),
    ],
)
def test_a_region_is_given_by_code_or_name(given: str, code: str | None) -> None:
    assert clean_region(given) == code


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("建設路　１２號", "建设路12号"),
        ("建设路12幢三单元二〇三室", "建设路12栋3单元203室"),
        ("十二号楼二十三层", "12号楼23层"),
        ("三元桥", "三元桥"),
        ("1～3号", "1-3号"),
        ("。、", None),
    ],
)
def test_text_is_brought_into_one_spelling(given: str, text: str | None) -> None:
    assert clean_text(given) == text


def test_no_employer_is_nothing() -> None:
    assert [clean_employer(given) for given in ("无", "无业", "某某（集团）公司", "")] == [
        None,
        None,
        "某某集团公司",
        None,
    ]


WORDS = [
    "南京",
    "郑州",
    "河南",
    "大连",
    "中山",
    "中原",
    "桂林",
    "北海",
    "建设",
    "人民",
    "东",
    "一",
    "12",
    "3",
    "路",
    "街",
    "大道",
    "小区",
    "号",
    "栋",
]


@given(st.lists(st.sampled_from(WORDS), max_size=6).map("".join))
def test_the_head_of_an_address_says_as_much_as_its_first_twelve_characters(text: str) -> None:
    assert split_head(head_of(text)) == split_head(text[:12])
