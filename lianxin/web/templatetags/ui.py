"""The components that show things. The guide ``docs/guide/pages.md`` has one example of each."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.template import Library
from django.template.context import Context
from django.utils.safestring import SafeString

from lianxin.kernel import clock
from lianxin.web import marks
from lianxin.web.components import Components, Facts, words
from lianxin.web.moments import STYLES, told

register = Library()
components = Components(register)

TONES = ("neutral", "blue", "green", "orange", "red", "purple")
KINDS = ("primary", "secondary", "danger", "quiet")
SIZES = ("small", "large")


@components.drawn(size=SIZES)
def icon(name: str, *, size: str = "") -> SafeString:
    """Draw one of the icons in ``lianxin/web/icons.py``; it says nothing to a screen reader."""
    return marks.icon(name, size)


@components.inline("ui/button.html", worded=True, kind=KINDS, size=SIZES)
def button(  # noqa: PLR0913 - a button has as many attributes as HTML gives it
    zh: object,
    en: str | None = None,
    *,
    kind: str = "primary",
    icon: str = "",
    href: str = "",
    type: str = "submit",  # noqa: A002 - HTML's own word
    size: str = "",
    wide: bool = False,
    disabled: bool = False,
    download: bool = False,
    id: str = "",  # noqa: A002 - HTML's own word
    form: str = "",
    name: str = "",
    value: object = "",
    formaction: str = "",
    hx_get: str = "",
    hx_post: str = "",
    hx_target: str = "",
    hx_select: str = "",
    hx_swap: str = "",
) -> Facts:
    """A button, or with ``href`` a link that looks like one."""
    return {
        "label": words(zh, en),
        **{key: given for key, given in locals().items() if key not in {"zh", "en"}},
    }


@components.drawn(worded=True, tone=TONES)
def badge(
    zh: object, en: str | None = None, *, tone: str = "neutral", icon: str = "", title: object = ""
) -> SafeString:
    """A short word in a coloured pill; the colour never says anything the word does not."""
    return marks.badge(words(zh, en), tone, sign=icon, title=title)


@components.drawn(tone=TONES)
def status(value: Any, *, tone: str = "") -> SafeString:
    """The status of a case: anything with a ``label`` (an enumeration member) in the colour of its code."""
    return marks.badge(getattr(value, "label", value), tone or marks.tone_of(value))


@components.drawn()
def deadline(
    due_at: datetime | None, *, done_at: datetime | None = None, now: datetime | None = None
) -> SafeString:
    """How many days are left or overdue; with ``done_at``, whether it was in time."""
    return marks.deadline(due_at, done_at, now or clock.now())


@components.drawn(style=STYLES)
def when(moment: datetime | date | None, *, style: str = "full", now: datetime | None = None) -> SafeString:
    """A moment in China's time, or a day, as a ``<time>``; a dash when there is none."""
    return marks.when(moment, style, now or clock.now())


@components.block("ui/card.html", worded=True, tone=TONES)
def card(
    content: SafeString,
    zh: object = "",
    en: str | None = None,
    *,
    icon: str = "",
    tone: str = "",
    id: str = "",  # noqa: A002 - HTML's own word
    flush: bool = False,
) -> Facts:
    """A framed part of a page with its title; ``flush`` lets a table or list reach the frame."""
    return {"title": words(zh, en), "icon": icon, "tone": tone, "id": id, "flush": flush}


@components.block("ui/heading.html", worded=True)
def heading(
    content: SafeString, zh: object, en: str | None = None, *, back: str = "", note: object = ""
) -> Facts:
    """The page's one ``<h1>``, a way back, and between the tags what can be done here."""
    return {"title": words(zh, en), "back": back, "note": note, "actions": content if content.strip() else ""}


@components.block("ui/timeline.html")
def timeline(content: SafeString) -> Facts:
    """What happened, newest first: holds ``{% entry %}``."""
    return {}


@components.block("ui/entry.html", worded=True, tone=TONES)
def entry(
    content: SafeString,
    zh: object,
    en: str | None = None,
    *,
    at: datetime | None = None,
    who: object = "",
    tone: str = "neutral",
    icon: str = "check",
    current: bool = False,
    now: datetime | None = None,
) -> Facts:
    """One thing that happened: what, when, by whom; ``current`` marks where the case stands."""
    return {
        "title": words(zh, en),
        "at": at,
        "told": told(at, "full", now or clock.now()) if at else "",
        "who": who,
        "tone": tone,
        "icon": icon,
        "current": current,
    }


@components.block("ui/empty.html", worded=True)
def empty(content: SafeString, zh: object, en: str | None = None, *, icon: str = "inbox") -> Facts:
    """What an empty list says instead: that it is empty, and what to do next."""
    return {"title": words(zh, en), "icon": icon}


ALERT_ICONS = {
    "blue": "info-circle",
    "green": "circle-check",
    "orange": "alert-triangle",
    "red": "alert-circle",
}


@components.block("ui/alert.html", worded=True, tone=ALERT_ICONS)
def alert(content: SafeString, zh: object, en: str | None = None, *, tone: str = "blue") -> Facts:
    """A sentence that must be seen; orange and red are read out at once."""
    return {
        "title": words(zh, en),
        "tone": tone,
        "icon": ALERT_ICONS[tone],
        "urgent": tone in {"orange", "red"},
    }


@components.block("ui/facts.html")
def facts(content: SafeString) -> Facts:
    """A description list: holds ``{% fact %}``."""
    return {}


@components.block("ui/fact.html", worded=True)
def fact(content: SafeString, zh: object, en: str | None = None) -> Facts:
    """One line of a description list; an empty one shows a dash."""
    return {"label": words(zh, en), "content": content if content.strip() else ""}


@components.block("ui/tabs.html", worded=True)
def tabs(content: SafeString, zh: object, en: str | None = None) -> Facts:
    """Views of the same list; the words name the group for a screen reader. Holds ``{% tab %}``."""
    return {"label": words(zh, en)}


@components.inline("ui/tab.html", worded=True)
def tab(zh: object, en: str | None = None, *, href: str, active: bool = False, mark: object = None) -> Facts:
    """One view; ``mark`` is a small figure beside its name."""
    return {"label": words(zh, en), "href": href, "active": active, "mark": mark}


@components.inline("ui/pager.html")
def pager(context: Context, page: Any, *, param: str = "after", target: str = "") -> Facts:
    """Onward and back to the start, by keyset: ``page.next`` is the cursor of the following page or nothing.

    The filters in the address are kept. There is no number of pages: counting costs more than the page.
    """
    request = context["request"]
    filters = request.GET.copy()
    here = filters.pop(param, None)
    first = f"{request.path}?{filters.urlencode()}".rstrip("?")
    following = {**filters.dict(), param: page.next} if page.next else {}
    return {
        "first": first if here else "",
        "next": f"?{urlencode(following)}" if following else "",
        "target": target,
    }


@components.block("ui/steps.html", worded=True)
def steps(content: SafeString, zh: object, en: str | None = None) -> Facts:
    """The way a case goes; the words name it for a screen reader. Holds ``{% step %}``."""
    return {"label": words(zh, en)}


@components.inline("ui/step.html", worded=True, state=("done", "current", "ahead"))
def step(zh: object, en: str | None = None, *, state: str = "ahead", note: object = "") -> Facts:
    """One station on the way."""
    return {"label": words(zh, en), "state": state, "note": note}


@components.block("ui/confirm.html", worded=True, kind=KINDS, size=SIZES)
def confirm(
    content: SafeString,
    zh: object,
    en: str | None = None,
    *,
    kind: str = "secondary",
    icon: str = "",
    size: str = "",
    wide: bool = False,
    open: bool = False,  # noqa: A002 - HTML's own word
) -> Facts:
    """A button that first shows what it is about to do; works without script."""
    return {"label": words(zh, en), "kind": kind, "icon": icon, "size": size, "wide": wide, "open": open}


@components.block("ui/registertable.html", worded=True)
def registertable(
    content: SafeString,
    zh: object,
    en: str | None = None,
    *,
    export: str = "",
    upload: str = "",
    id: str = "",  # noqa: A002 - HTML's own word
) -> Facts:
    """A register （台账）: a table with its name, its export and its import."""
    return {"label": words(zh, en), "export": export, "upload": upload, "id": id}


@components.inline("ui/column.html", worded=True)
def column(
    context: Context, zh: object, en: str | None = None, *, sort: str = "", numeric: bool = False
) -> Facts:
    """A column's head; with ``sort`` it orders the list by that name, pressed again the other way round."""
    facts: Facts = {"label": words(zh, en), "numeric": numeric, "href": "", "order": ""}
    if sort:
        query = context["request"].GET.copy()
        present = query.get("sort")
        query["sort"] = f"-{sort}" if present == sort else sort
        facts["order"] = {sort: "ascending", f"-{sort}": "descending"}.get(present or "", "none")
        facts["href"] = f"?{query.urlencode()}"
    return facts


@components.block("ui/listitem.html")
def listitem(
    content: SafeString, title: object, *, href: str = "", icon: str = "", unread: bool = False
) -> Facts:
    """One line of a list on a phone: a title to press, and its marks between the tags."""
    return {"title": title, "href": href, "icon": icon, "unread": unread}


@components.inline("ui/tile.html", worded=True, tone=TONES)
def tile(
    zh: object,
    en: str | None = None,
    *,
    href: str,
    icon: str,
    note: object = "",
    tone: str = "neutral",
    mark: object = None,
) -> Facts:
    """A large action on a home page."""
    return {"label": words(zh, en), "href": href, "icon": icon, "note": note, "tone": tone, "mark": mark}


@components.inline("ui/photos.html")
def photos(pictures: Iterable[Any]) -> Facts:
    """Thumbnails that open the picture: each has ``url``, and may have ``thumb_url`` and ``caption``."""
    return {"pictures": list(pictures)}


@components.inline("ui/masked.html")
def masked(context: Context, value: object, *, reveal: str = "", own: bool = False) -> Facts:
    """A sealed value, masked; ``reveal`` is where to ask for it. That is logged, and said, unless it is ``own``."""
    return {"value": value, "reveal": reveal, "own": own, "csrf_token": context.get("csrf_token", "")}
