"""The code on a place."""

from xml.etree import ElementTree as ET

from lianxin.kernel.orgs.models import Site
from lianxin.kernel.orgs.qr import qr_svg, site_url

SITE = Site(token="Zk3v9QpL0aWb7XyT2c_-")


def test_site_url_is_short_and_holds_only_the_token() -> None:
    assert site_url(SITE, "https://lianxin.example/") == "https://lianxin.example/p/Zk3v9QpL0aWb7XyT2c_-"


def test_qr_svg_is_one_element_without_script_or_style() -> None:
    root = ET.fromstring(qr_svg(SITE, "https://lianxin.example"))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "viewBox" in root.attrib
    assert not {"width", "height", "style", "onload"} & set(root.attrib)
    assert {child.tag for child in root} == {"{http://www.w3.org/2000/svg}path"}


def test_qr_svg_of_one_place_is_always_the_same() -> None:
    assert qr_svg(SITE, "https://a.example") == qr_svg(SITE, "https://a.example")
    assert qr_svg(SITE, "https://a.example") != qr_svg(Site(token="another"), "https://a.example")
