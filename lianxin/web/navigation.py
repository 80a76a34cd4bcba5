"""Where a reader can go: the navigation of all three faces, as data.

An item names a URL. One that does not resolve and is not ``AWAITED`` stops the start (``checks.py``); one
that is awaited is left out of the pages until its URL exists, and then has to leave ``AWAITED``.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

from django.urls import NoReverseMatch, reverse

from lianxin.kernel.text import Text


@dataclass(frozen=True)
class NavItem:
    """A place to go. With no roles it is for everybody; otherwise for who holds one of them."""

    label: Text
    url_name: str
    icon: str
    roles: frozenset[str] = frozenset()
    note: Text | str = ""
    tone: str = "neutral"


@dataclass(frozen=True)
class NavGroup:
    """Places of one kind, under one heading of the sidebar."""

    label: Text
    items: tuple[NavItem, ...] = ()


@dataclass(frozen=True)
class Link:
    """An item that this reader can open, as the templates draw it."""

    item: NavItem
    href: str
    active: bool


@dataclass(frozen=True)
class Section:
    """A group with what of it this reader can open."""

    label: Text
    links: tuple[Link, ...] = field(default=())


HOME = NavItem(Text("首页", "Home"), "web:home", "home")
REPORT = NavItem(
    Text("报隐患", "Report a hazard"),
    "safety:report",
    "camera",
    note=Text("拍张照片、说清地点就行", "A photo and the place are enough"),
    tone="red",
)
SUGGEST = NavItem(
    Text("献一计", "Suggest"),
    "safety:suggest",
    "bulb",
    note=Text("好主意有奖励", "Good ideas are rewarded"),
    tone="orange",
)
MINE = NavItem(
    Text("我的办件", "My cases"),
    "cases:mine",
    "clipboard-list",
    note=Text("办到哪一步、谁在办", "Where they stand, who has them"),
    tone="blue",
)
RECEIPT = NavItem(
    Text("查回执", "Receipt look-up"),
    "cases:receipt",
    "receipt",
    note=Text("不用登录，凭回执码查", "With your code, no sign-in"),
    tone="purple",
)
INBOX = NavItem(
    Text("消息", "Messages"),
    "notices:inbox",
    "bell",
    note=Text("答复和通知", "Answers and notices"),
    tone="green",
)
FIGURES = NavItem(
    Text("公开数据", "Public figures"),
    "metrics:figures",
    "chart-bar",
    note=Text("每个数都能重新数一遍", "Each can be counted again"),
)
VERIFY = NavItem(Text("存证核验", "Verify the log"), "audit:verify", "shield-check")

# Who has to do with money; the page itself asks again, and for a fund to see.
MONEY = frozenset({"finance_officer", "union_key", "partner_key", "auditor", "union_officer"})

# The worker's home: six large actions, the most urgent first.
TILES = (REPORT, SUGGEST, MINE, RECEIPT, INBOX, FIGURES)
# What an office holder's home leads to beside the queue, by their offices.
DESK = (
    NavItem(
        Text("资金发放", "Payouts"),
        "ledger:payouts",
        "coin",
        frozenset({"union_key", "partner_key", "finance_officer", "auditor"}),
        Text("等审批、放款、支付的", "Awaiting a key or the bank"),
        "orange",
    ),
    NavItem(
        Text("银行批次", "Bank batches"),
        "ledger:batches",
        "building-bank",
        frozenset({"finance_officer"}),
        Text("成批送银行，回盘入账", "Send together, book the bank's answer"),
        "blue",
    ),
    NavItem(
        Text("专项资金", "Funds"),
        "ledger:funds",
        "cash",
        frozenset({"finance_officer", "auditor"}),
        Text("预算、余额和每一笔账", "Budgets, balances, every entry"),
        "green",
    ),
    NavItem(
        Text("任职登记", "Offices"),
        "offices:roles",
        "users-group",
        frozenset({"administrator"}),
        Text("任免、开通码、重设登录", "Appoint, dismiss, set-up codes"),
        "orange",
    ),
    NavItem(
        Text("身份开启", "Identities"),
        "offices:identities",
        "lock-open",
        frozenset({"custodian"}),
        Text("两位保管人一起才能开启", "Two custodians open one together"),
        "purple",
    ),
    NavItem(
        Text("删除文件", "Erasing"),
        "offices:erasures",
        "trash",
        frozenset({"custodian"}),
        Text("两位保管人一起删除内容", "Two custodians erase together"),
        "red",
    ),
    NavItem(
        Text("举一反三排查", "Same-kind sweeps"),
        "safety:sweeps",
        "zoom-check",
        frozenset({"safety_office", "union_officer"}),
        Text("一处有隐患，同类都查", "One hazard, all of its kind searched"),
        "blue",
    ),
    NavItem(
        Text("操作规程", "Operating procedures"),
        "safety:procedures",
        "file-certificate",
        frozenset({"site_manager"}),
        Text("修订、公示、谁已读", "Revise, post up, who has read"),
        "blue",
    ),
    NavItem(
        Text("单位与场所", "Places"),
        "orgs:places",
        "building-factory-2",
        frozenset({"site_manager", "union_officer", "administrator"}),
        Text("场所、设备和二维码", "Sites, equipment, QR codes"),
        "neutral",
    ),
    NavItem(
        Text("存证核验", "Verify the log"),
        "audit:verify",
        "shield-check",
        frozenset({"auditor"}),
        Text("记录有没有被动过", "Whether anything was altered"),
        "purple",
    ),
    INBOX,
)
# The bar at the bottom of a phone: as many as thumbs can tell apart.
BAR = (HOME, REPORT, MINE, INBOX)
PUBLIC = (FIGURES, RECEIPT, VERIFY)

WORKBENCH = (
    NavGroup(
        Text("办理", "Work"),
        (
            NavItem(Text("待办", "Queue"), "cases:queue", "inbox"),
            INBOX,
        ),
    ),
    NavGroup(
        Text("台账", "Registers"),
        (
            NavItem(Text("举一反三排查", "Same-kind sweeps"), "safety:sweeps", "zoom-check"),
            NavItem(Text("操作规程", "Operating procedures"), "safety:procedures", "file-certificate"),
            NavItem(Text("单位与场所", "Places"), "orgs:places", "building-factory-2"),
        ),
    ),
    NavGroup(Text("资金", "Money"), (NavItem(Text("专项资金", "Funds"), "ledger:funds", "cash", MONEY),)),
    NavGroup(
        Text("管理", "Administration"),
        (
            NavItem(
                Text("任职登记", "Offices"), "offices:roles", "users-group", frozenset({"administrator"})
            ),
            NavItem(
                Text("身份开启", "Identities"), "offices:identities", "lock-open", frozenset({"custodian"})
            ),
            NavItem(Text("删除文件", "Erasing"), "offices:erasures", "trash", frozenset({"custodian"})),
        ),
    ),
    NavGroup(Text("公开", "Public"), (FIGURES, VERIFY)),
)

# Agreed names whose pages are not built yet.
AWAITED: frozenset[str] = frozenset()


def every_item() -> Iterator[NavItem]:
    """Each item of each face, once per place where it stands."""
    yield from (*TILES, *DESK, *BAR, *PUBLIC)
    for group in WORKBENCH:
        yield from group.items


@cache
def address(item: NavItem) -> str | None:
    """Where an item leads, or nothing while its page is awaited."""
    try:
        return reverse(item.url_name)
    except NoReverseMatch:
        if item.url_name in AWAITED:
            return None
        raise


def links(items: Iterable[NavItem], roles: Collection[str], path: str) -> tuple[Link, ...]:
    """Those of the items that exist and that a holder of these roles may open."""
    found = []
    for item in items:
        href = address(item)
        if href is not None and (not item.roles or not item.roles.isdisjoint(roles)):
            found.append(Link(item, href, is_here(href, path)))
    return tuple(found)


def is_here(href: str, path: str) -> bool:
    """Whether a page lies at or under an entry's address."""
    return path == href or (href != "/" and path.startswith(href))


def sidebar(roles: Collection[str], path: str) -> tuple[Section, ...]:
    """The workbench's groups, without the empty ones."""
    sections = (Section(group.label, links(group.items, roles, path)) for group in WORKBENCH)
    return tuple(section for section in sections if section.links)
