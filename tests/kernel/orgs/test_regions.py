"""The national list of region codes."""

import json
from datetime import date
from io import StringIO

from django.core.management import call_command
from pytest_django import DjangoAssertNumQueries

from lianxin.kernel.orgs.models import Region
from lianxin.kernel.orgs.regions import load_regions
from lianxin.regions.national import national_list

NEWSPAPER = {
    "210800": "营口市",
    "210804": "鲅鱼圈区",
    "420800": "荆门市",
    "420802": "东宝区",
    "451200": "河池市",
    "451202": "金城江区",
    "451224": "东兰县",
    "451229": "大化瑶族自治县",
    "150200": "包头市",
    "370300": "淄博市",
    "640000": "宁夏回族自治区",
}


def test_load_regions_takes_a_few_statements_and_changes_nothing_again(
    db: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(6):
        assert load_regions() > 7000
    assert load_regions() == 0


def test_load_regions_corrects_what_differs(region_codes: None) -> None:
    Region.objects.filter(pk="210804").update(name="错")
    assert load_regions() == 1
    assert Region.objects.get(pk="210804").name == "鲅鱼圈区"


def test_load_regions_knows_the_places_of_the_newspaper(region_codes: None) -> None:
    found = Region.objects.filter(pk__in=NEWSPAPER, valid_to=None)
    assert {region.code: region.name for region in found} == NEWSPAPER


def test_load_regions_keeps_retired_codes_with_successors(region_codes: None) -> None:
    retired = {
        "349001": ("341181", date(1994, 12, 31)),
        "420821": ("420882", date(2017, 12, 31)),
        "451281": ("451203", date(2015, 12, 31)),
        "632126": ("630223", date(2012, 12, 31)),
    }
    found = Region.objects.filter(pk__in=retired)
    assert {region.code: (region.successor_id, region.valid_to) for region in found} == retired


def test_load_regions_keeps_former_names(region_codes: None) -> None:
    jingzhou = Region.objects.get(pk="421000")
    assert (jingzhou.name, jingzhou.former_names) == ("荆州市", [["荆沙市", "1995-12-31"]])
    assert jingzhou.name_on(date(1995, 1, 1)) == "荆沙市"


def test_load_regions_command_counts(db: None) -> None:
    out = StringIO()
    call_command("load_regions", as_json=True, stdout=out)
    call_command("load_regions", stdout=out)
    first, second = out.getvalue().splitlines()
    assert json.loads(first)["changed"] == json.loads(first)["regions"] == len(national_list())
    assert second == f"{len(national_list())} region codes, 0 added or changed"
