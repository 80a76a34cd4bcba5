"""The code that hangs on a place: scanning it opens the report form filled with that place."""

import io

import segno

from lianxin.kernel.orgs.models import Site

PREFIX = "/p/"


def site_url(site: Site, base_url: str) -> str:
    """The address in the code, short so that the code stays coarse; ``base_url`` is scheme and host."""
    return f"{base_url.rstrip('/')}{PREFIX}{site.token}"


def qr_svg(site: Site, base_url: str) -> str:
    """The code as an SVG element without size, colour or script of its own; CSS gives it its size.

    Error correction Q: a quarter of it may be scratched or greasy.
    """
    code = segno.make(site_url(site, base_url), error="q", micro=False, boost_error=False)
    out = io.BytesIO()
    code.save(
        out,
        kind="svg",
        xmldecl=False,
        svgns=True,
        omitsize=True,
        nl=False,
        border=4,
        svgclass=None,
        lineclass=None,
    )
    return out.getvalue().decode()
