"""A waterfall as a picture: SVG of its own, narrow enough to be read on a phone, in Chinese or English."""

from dataclasses import dataclass
from html import escape
from math import ceil, floor

from lianxin.matching.explaining import Waterfall
from lianxin.matching.words import Language, Words

WIDTH = 480
_MARGIN, _ROW, _BAR = 16, 46, 14
_TOP = 92
# Colours that are told apart by those who cannot tell red from green, on white with a contrast of at least 4.5.
_UP, _DOWN, _SUM, _INK, _FAINT, _LINE = "#1a5fb4", "#b3460e", "#3d3846", "#1c1c1c", "#5e5c64", "#d0cfd4"
_FONT = "system-ui, 'Noto Sans CJK SC', 'Source Han Sans SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
_LATIN_SHARE = 0.56
_OPENING = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
    'role="img" aria-labelledby="title" font-family="{font}" font-size="14" fill="{ink}">'
)


@dataclass(frozen=True, slots=True)
class _Bar:
    """One row: from where to where, in bits."""

    label: str
    note: str
    start: float
    end: float
    whole: bool = False


def draw(fall: Waterfall, language: Language = "zh") -> str:
    """The picture of a waterfall. It holds the keys of both records and nothing else of them."""
    bars = _bars(fall, language)
    low = min(0.0, *(min(bar.start, bar.end) for bar in bars))
    high = max(0.0, *(max(bar.start, bar.end) for bar in bars))
    low, high = 10 * floor(low / 10), 10 * max(1, ceil(high / 10))
    scale = (WIDTH - 2 * _MARGIN) / (high - low)

    def at(bits: float) -> float:
        return round(_MARGIN + (bits - low) * scale, 1)

    foot = _TOP + _ROW * len(bars) + 34
    told = _told(fall)
    lines = [
        (line, "600" if words is told[-1] else "400")
        for words in told
        for line in _wrapped(words.spoken(language), 14)
    ]
    height = foot + 22 * len(lines) + _MARGIN
    title = _TITLE.format(left=fall.left_id, right=fall.right_id).spoken(language)
    parts = [
        _OPENING.format(width=WIDTH, height=height, font=_FONT, ink=_INK),
        f'<title id="title">{escape(title)}</title>',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        *_heading(title, language),
        *_grid(low, high, at(low), at(high), foot - 26, scale),
    ]
    for number, bar in enumerate(bars):
        parts += _row(bar, _TOP + _ROW * number, at(bar.start), at(bar.end))
    parts += [
        _text(_MARGIN, foot + 22 * number + 10, line, weight=weight)
        for number, (line, weight) in enumerate(lines)
    ]
    return "\n".join([*parts, "</svg>", ""])


def _bars(fall: Waterfall, language: Language) -> list[_Bar]:
    reached = fall.start
    start = _START.format(larger=fall.larger, known=f"{fall.known:.0%}").spoken(language)
    bars = [_Bar(start, _signed(fall.start), 0.0, fall.start)]
    steps = [(step.level_words.spoken(language), step.weight) for step in fall.steps]
    for step, (label, weight) in zip(fall.steps, steps, strict=True):
        bars.append(_Bar(label, _signed(weight), reached, reached + weight))
        reached += weight
        if step.share is not None:
            often = _OFTEN.format(often=f"{max(1, round(1 / step.share)):,}").spoken(language)
            bars.append(_Bar(often, _signed(step.adjustment), reached, reached + step.adjustment))
            reached += step.adjustment
    if fall.household:
        label = _HOUSEHOLD.spoken(language)
        bars.append(_Bar(label, _signed(fall.household), reached, reached + fall.household))
        reached += fall.household
    return [*bars, _Bar(_SUM_SAID.spoken(language), _signed(fall.weight), 0.0, fall.weight, whole=True)]


def _told(fall: Waterfall) -> list[Words]:
    odds = Words(
        "2 的 {weight} 次方：{odds} 比 1。", "2 to the power of {weight}: odds of {odds} to one."
    ).format(weight=f"{fall.weight:.1f}", odds=_large(fall.odds))
    if not fall.rivals_in_all:
        against = Words("没有别的候选。", "No other candidate competes.")
    else:
        against = Words(
            "另有 {n} 个候选，最强的权重 {best}：概率由他们分享。",
            "{n} more candidates, the strongest with {best}: they share the probability.",
        ).format(n=fall.rivals_in_all, best=_signed(fall.rivals[0].weight))
    share = Words("概率 {p}", "Probability {p}").format(p=_probability(fall.probability))
    return [odds, against, share, fall.rule_words]


def _heading(title: str, language: Language) -> list[str]:
    return [
        _text(_MARGIN, 30, title, size=17, weight="600"),
        _text(_MARGIN, 52, _UNIT.spoken(language), size=12, colour=_FAINT),
    ]


def _grid(low: float, high: float, left: float, right: float, foot: float, scale: float) -> list[str]:
    step = 10 if high - low <= 80 else 20  # noqa: PLR2004 - so many figures fit on a line
    parts = []
    for bits in range(int(low), int(high) + 1, step):
        x = round(left + (bits - low) * scale, 1)
        colour, width = (_FAINT, 1.5) if bits == 0 else (_LINE, 1)
        parts.append(
            f'<line x1="{x}" y1="{_TOP - 14}" x2="{x}" y2="{foot}" stroke="{colour}" stroke-width="{width}"/>'
        )
        anchor = "start" if x <= left else "end" if x >= right else "middle"
        parts.append(
            _text(x, _TOP - 20, f"{bits:g}".replace("-", "−"), size=11, colour=_FAINT, anchor=anchor)
        )
    return parts


def _row(bar: _Bar, y: float, start: float, end: float) -> list[str]:
    colour = _SUM if bar.whole else _FAINT if end == start else _UP if end > start else _DOWN
    x, width = min(start, end), max(1.5, round(abs(end - start), 1))
    bold = "600" if bar.whole else "400"
    room = WIDTH - 2 * _MARGIN - 60
    return [
        _halo(_MARGIN, y + 12, _shortened(bar.label[:1].upper() + bar.label[1:], room, 14), weight=bold),
        _halo(WIDTH - _MARGIN, y + 12, bar.note, weight="600", anchor="end", colour=colour),
        f'<rect x="{x}" y="{y + 19}" width="{width}" height="{_BAR}" rx="2" fill="{colour}"/>',
    ]


def _text(
    x: float,
    y: float,
    said: str,
    *,
    size: int = 14,
    weight: str = "400",
    anchor: str = "start",
    colour: str = _INK,
) -> str:
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" font-weight="{weight}" text-anchor="{anchor}" '
        f'fill="{colour}">{escape(said)}</text>'
    )


def _halo(x: float, y: float, said: str, *, weight: str, anchor: str = "start", colour: str = _INK) -> str:
    """Text over the lines of the grid."""
    plain = _text(x, y, said, weight=weight, anchor=anchor, colour=colour)
    return plain.replace("<text ", '<text stroke="#ffffff" stroke-width="4" paint-order="stroke" ', 1)


def _width(said: str, size: int) -> float:
    return sum(size * (_LATIN_SHARE if ord(character) < 0x2E80 else 1.0) for character in said)  # noqa: PLR2004


def _shortened(said: str, room: float, size: int) -> str:
    if _width(said, size) <= room:
        return said
    while said and _width(f"{said}…", size) > room:
        said = said[:-1]
    return f"{said}…"


def _wrapped(said: str, size: int) -> list[str]:
    """Lines that fit: broken between words, or between characters where there are no blanks."""
    room, lines, line = WIDTH - 2 * _MARGIN, [], ""
    for piece in said.split(" ") if " " in said.strip() and said.isascii() else list(said):
        joined = f"{line} {piece}" if line and said.isascii() else f"{line}{piece}"
        if line and _width(joined, size) > room and piece not in "，。；：、":
            lines.append(line)
            joined = piece
        line = joined
    return [*lines, line]


def _signed(bits: float) -> str:
    return f"{bits:+.1f}".replace("-", "−") if bits else "0"


def _large(odds: float) -> str:
    """With two figures that count."""
    return f"{odds:.2g}" if odds < 1 else f"{float(f'{odds:.2g}'):,.0f}"


def _probability(share: float) -> str:
    """As the table of pairs tells it."""
    return f"{share:.6f}"


_TITLE = Words("{left} 与 {right}：概率如何得来", "{left} and {right}: how the probability comes about")
_UNIT = Words(
    "权重（比特）：每加 1，是同一人的可能翻一倍", "Weights in bits: each 1 doubles the odds of one person"
)
_START = Words(
    "起点：底册 {larger:,} 人，估计 {known} 在册", "Start: {larger:,} persons, {known} expected there"
)
_OFTEN = Words("这个姓名（读音）{often} 人中有一个", "One in {often} bears or reads this name")
_HOUSEHOLD = Words("同住的家人也已对上", "Others of the household are matched")
_SUM_SAID = Words("合计", "Sum")
