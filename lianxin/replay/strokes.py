"""Brush strokes of :mod:`lianxin.replay.media`: bars, boxes, stains, light, the camera."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Point = tuple[float, float]

WIDTH, HEIGHT = 1280, 960
YELLOW: Colour = (226, 176, 34)
STEEL: Colour = (148, 156, 162)
DARK: Colour = (44, 48, 52)
RUST: Colour = (134, 72, 36)
CAGE: Colour = (198, 150, 30)


@dataclass(slots=True)
class Sheet:
    """A drawing under way: ``fixed`` says whether the fault has been repaired."""

    image: Image.Image
    pen: ImageDraw.ImageDraw
    chance: random.Random
    fixed: bool


def shade(colour: Colour, factor: float) -> Colour:
    """The colour, darker below a factor of 1 and lighter above."""
    red, green, blue = (max(0, min(255, round(part * factor))) for part in colour)
    return red, green, blue


def box(sheet: Sheet, area: Sequence[float], colour: Colour) -> None:
    """A filled rectangle."""
    sheet.pen.rectangle(tuple(area), fill=colour)


def rounded(sheet: Sheet, area: Sequence[float], radius: float, colour: Colour) -> None:
    """A filled rectangle with round corners and an edge."""
    sheet.pen.rounded_rectangle(tuple(area), radius, fill=colour, outline=shade(colour, 0.8), width=3)


def blot(sheet: Sheet, spot: Point, radius: float, colour: Colour) -> None:
    """A filled disc."""
    x, y = spot
    sheet.pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


def rod(sheet: Sheet, start: Point, end: Point, width: float, colour: Colour) -> None:
    """A round bar: dark at its edges, with a light line where the lamp meets it."""
    for share, factor, aside in ((1.0, 0.62, 0.0), (0.78, 0.9, -0.06), (0.5, 1.0, -0.1), (0.16, 1.28, -0.18)):
        shift = aside * width
        line = (start[0] + shift, start[1] + shift, end[0] + shift, end[1] + shift)
        sheet.pen.line(line, fill=shade(colour, factor), width=max(1, round(width * share)))


def cylinder(sheet: Sheet, area: tuple[int, int, int, int], colour: Colour) -> None:
    """An upright drum, bright in front and dark at its sides."""
    left, top, right, bottom = area
    for x in range(left, right):
        turn = (x - left) / (right - left)
        light = 0.5 + 0.62 * math.sin(math.pi * min(1.0, turn * 0.9 + 0.1)) ** 1.4
        sheet.pen.line((x, top, x, bottom), fill=shade(colour, light))


def wire(sheet: Sheet, start: Point, end: Point, colour: Colour) -> None:
    """A hanging wire."""
    bend = sheet.chance.uniform(-90, 90)
    points = []
    for step in range(25):
        part = step / 24
        sway = bend * math.sin(math.pi * part)
        points.append((start[0] + (end[0] - start[0]) * part + sway, start[1] + (end[1] - start[1]) * part))
    sheet.pen.line(points, fill=colour, width=9, joint="curve")


def stripes(sheet: Sheet, area: tuple[int, int, int, int]) -> None:
    """Yellow and black warning stripes."""
    left, top, right, bottom = area
    box(sheet, area, (228, 186, 40))
    for x in range(left - 60, right, 96):
        sheet.pen.polygon([(x, bottom), (x + 44, bottom), (x + 84, top), (x + 40, top)], fill=DARK)


def grating(sheet: Sheet, top: int) -> None:
    """A floor of steel grating that runs towards the viewer."""
    box(sheet, (0, top, WIDTH, HEIGHT), (84, 88, 90))
    for x in range(0, WIDTH, 26):
        sheet.pen.line((x, top, (x - 640) * 1.5 + 640, HEIGHT), fill=(58, 60, 62), width=5)
    for row in range(7):
        y = top + row * row * 5 + 8
        sheet.pen.line((0, y, WIDTH, y), fill=(104, 108, 110), width=4)


def windows(sheet: Sheet, top: int) -> None:
    """A row of windows."""
    for left in range(sheet.chance.randint(-80, 40), WIDTH, 330):
        box(sheet, (left, top, left + 230, top + 250), (120, 126, 128))
        box(sheet, (left + 10, top + 10, left + 220, top + 240), (206, 220, 228))
        box(sheet, (left + 110, top, left + 120, top + 250), (120, 126, 128))
        box(sheet, (left, top + 118, left + 230, top + 128), (120, 126, 128))


def panels(sheet: Sheet, pitch: int, bottom: int) -> None:
    """Upright seams in a wall of panels."""
    for x in range(sheet.chance.randint(0, pitch), WIDTH, pitch):
        sheet.pen.line((x, 0, x, bottom), fill=(120, 122, 118), width=4)
        sheet.pen.line((x + 5, 0, x + 5, bottom), fill=(190, 192, 188), width=2)


def tiles(sheet: Sheet, pitch: int) -> None:
    """A tiled wall."""
    for x in range(0, WIDTH, pitch):
        sheet.pen.line((x, 0, x, 860), fill=(190, 184, 170), width=3)
    for y in range(0, 860, pitch):
        sheet.pen.line((0, y, WIDTH, y), fill=(190, 184, 170), width=3)


def shelf(sheet: Sheet, side: int) -> None:
    """Racks that run towards the exit, with boxes; ``side`` 0 is left."""

    def at(x: float) -> float:
        return WIDTH - x if side else x

    for level in range(3):
        near, far = 90 + level * 270, 190 + level * 96
        for slot in range(5):
            start, end = slot / 5, (slot + 0.86) / 5
            tall = 170 * (1 - start * 0.62) * sheet.chance.uniform(0.6, 1.0)
            brown = shade((176, 138, 94), sheet.chance.uniform(0.72, 1.08))
            foot = [near + 190 + (far + 64 - near - 190) * part for part in (start, end)]
            xs = [at(480 * part) for part in (start, end)]
            shape = [
                (xs[0], foot[0]),
                (xs[1], foot[1]),
                (xs[1], foot[1] - tall * 0.8),
                (xs[0], foot[0] - tall),
            ]
            sheet.pen.polygon(shape, fill=brown, outline=shade(brown, 0.66))
        beam = [(at(0), near + 190), (at(480), far + 64), (at(480), far + 74), (at(0), near + 220)]
        sheet.pen.polygon(beam, fill=(204, 104, 34))
    for part in (0.0, 0.36, 0.64, 0.86):
        x, width = at(480 * part), 30 * (1 - part * 0.7)
        sheet.pen.line((x, 0, x, HEIGHT - 440 * part), fill=(46, 78, 128), width=round(width))


def pallet(sheet: Sheet, spot: Point, large: float) -> None:
    """Cartons on a pallet; ``large`` is 1 in front."""
    x, y = spot
    wide, tall = 190 * large, 150 * large
    shadow(sheet, (x - wide / 2, y + 24 * large, x + wide / 2 + 26, y + 52 * large))
    for row in range(2):
        for column in range(2):
            brown = shade((190, 150, 104), sheet.chance.uniform(0.82, 1.06))
            left, top = x - wide / 2 + column * wide / 2, y - tall + row * tall / 2
            sheet.pen.rectangle(
                (left, top, left + wide / 2, top + tall / 2), fill=brown, outline=shade(brown, 0.6)
            )
            tape = (left + wide * 0.2, top, left + wide * 0.3, top + tall / 2)
            box(sheet, tape, shade(brown, 1.14))
    for row in range(2):
        box(
            sheet,
            (x - wide / 2 - 8, y + row * 20 * large, x + wide / 2 + 8, y + (row * 20 + 11) * large),
            (124, 92, 58),
        )


def puddle(sheet: Sheet, spot: Point, reach: Point) -> None:
    """Spilt liquid that shines."""
    mask = Image.new("L", sheet.image.size)
    pen = ImageDraw.Draw(mask)
    for _ in range(14):
        x = spot[0] + sheet.chance.uniform(-0.7, 0.7) * reach[0]
        y = spot[1] + sheet.chance.uniform(-0.5, 0.5) * reach[1]
        wide, tall = reach[0] * sheet.chance.uniform(0.2, 0.5), reach[1] * sheet.chance.uniform(0.3, 0.6)
        pen.ellipse((x - wide, y - tall, x + wide, y + tall), fill=190)
    sheet.image.paste((74, 86, 92), mask=mask.filter(ImageFilter.GaussianBlur(5)))
    shine = Image.new("L", sheet.image.size)
    glint = (spot[0] - reach[0] / 2, spot[1] - reach[1] / 3, spot[0], spot[1] - reach[1] / 8)
    ImageDraw.Draw(shine).ellipse(glint, fill=120)
    sheet.image.paste((204, 216, 222), mask=shine.filter(ImageFilter.GaussianBlur(9)))


def shadow(sheet: Sheet, area: Sequence[float]) -> None:
    """A soft shadow."""
    mask = Image.new("L", sheet.image.size)
    ImageDraw.Draw(mask).rectangle(tuple(area), fill=120)
    sheet.image.paste((20, 20, 22), mask=mask.filter(ImageFilter.GaussianBlur(16)))


def glow(sheet: Sheet, spot: Point, radius: float, colour: Colour) -> None:
    """Soft coloured light."""
    mask = Image.new("L", sheet.image.size)
    x, y = spot
    ImageDraw.Draw(mask).ellipse((x - radius, y - radius, x + radius, y + radius), fill=110)
    sheet.image.paste(colour, mask=mask.filter(ImageFilter.GaussianBlur(radius / 2.4)))


# Segments a to g of a seven-segment digit, as bits.
_LIT = (0x3F, 0x06, 0x5B, 0x4F, 0x66, 0x6D, 0x7D, 0x07, 0x7F, 0x6F)
_BARS = (
    (8, 0, 52, 8),
    (52, 8, 60, 46),
    (52, 54, 60, 92),
    (8, 92, 52, 100),
    (0, 54, 8, 92),
    (0, 8, 8, 46),
    (8, 46, 52, 54),
)


def segments(sheet: Sheet, corner: tuple[int, int], digit: int) -> None:
    """A seven-segment digit."""
    x, y = corner
    for bit, (left, top, right, bottom) in enumerate(_BARS):
        if _LIT[digit] >> bit & 1:
            box(sheet, (x + left, y + top, x + right, y + bottom), (120, 240, 160))


# --- Room, light and camera ------------------------------------------------------------------------------------


def room(sheet: Sheet, *, wall: Colour, floor: Colour, horizon: int) -> None:
    """Wall, floor and the stains of use."""
    tint = sheet.chance.uniform(0.92, 1.06)
    _fade(sheet, (0, 0, WIDTH, horizon), shade(wall, 1.06 * tint), shade(wall, 0.88 * tint))
    _fade(sheet, (0, horizon, WIDTH, HEIGHT), shade(floor, 0.8), shade(floor, 1.1))
    box(sheet, (0, horizon - 10, WIDTH, horizon), shade(wall, 0.62))
    for _ in range(60):
        spot = (sheet.chance.uniform(0, WIDTH), sheet.chance.uniform(0, horizon))
        blot(sheet, spot, sheet.chance.uniform(1, 5), shade(wall, sheet.chance.uniform(0.8, 0.95)))


def _fade(sheet: Sheet, area: tuple[int, int, int, int], above: Colour, below: Colour) -> None:
    left, top, right, bottom = area
    ramp = Image.linear_gradient("L").resize((right - left, bottom - top))
    size = (right - left, bottom - top)
    sheet.image.paste(
        Image.composite(Image.new("RGB", size, below), Image.new("RGB", size, above), ramp), (left, top)
    )


def photographed(image: Image.Image, camera: random.Random) -> Image.Image:
    """What a phone makes of it: held a little askew, lit from one side, slightly soft, with grain."""
    width, height = image.size
    skew = [camera.uniform(0, width / 38) for _ in range(8)]
    corners = (
        *(skew[0], skew[1], skew[2], height - skew[3]),
        *(width - skew[4], height - skew[5], width - skew[6], skew[7]),
    )
    seen = image.transform(image.size, Image.Transform.QUAD, corners, Image.Resampling.BILINEAR)
    seen = ImageChops.multiply(seen, _light(camera, width, height).convert("RGB"))
    grain = Image.frombytes("L", (320, 240), camera.randbytes(320 * 240)).resize(
        image.size, Image.Resampling.BILINEAR
    )
    return Image.blend(seen.filter(ImageFilter.GaussianBlur(width / 1200)), grain.convert("RGB"), 0.03)


def _light(camera: random.Random, width: int, height: int) -> Image.Image:
    """Brighter towards a lamp somewhere above, darker in the corners."""
    far = Image.radial_gradient("L").resize((width * 2, height * 2), Image.Resampling.BILINEAR)
    left, top = camera.randint(width // 4, width * 3 // 4), camera.randint(height // 3, height * 3 // 4)
    bright = camera.uniform(0.94, 1.0)
    return far.crop((left, top, left + width, top + height)).point(
        lambda away: int(255 * bright - away * 0.34)
    )
