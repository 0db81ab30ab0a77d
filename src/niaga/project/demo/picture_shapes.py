"""Things that no emoji shows, drawn: pouch, jar, bottle, box, book, hung cloth, cushion (RGBA)."""

import math
from collections.abc import Callable
from functools import cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from niaga.project.demo.picture_parts import (
    MOTIF_SIZE,
    RESAMPLE,
    WARM_WHITE,
    Colour,
    emoji,
    mix,
    motif,
)

SCALE = 2
PAPER: Colour = (250, 244, 232)


def _alpha(size: tuple[int, int], draw_it: Callable[[ImageDraw.ImageDraw], object]) -> Image.Image:
    large = Image.new("L", (size[0] * SCALE, size[1] * SCALE))
    draw_it(ImageDraw.Draw(large))
    return large.resize(size, RESAMPLE)


def _profile(size: tuple[int, int], light: Callable[[float], float]) -> Image.Image:
    levels = bytes(max(0, min(255, round(255 * light(x / (size[0] - 1))))) for x in range(size[0]))
    return Image.frombytes("L", (size[0], 1), levels).resize(size)


def _round_light(x: float) -> float:
    body = 0.34 + 0.3 * math.sin(math.pi * min(1.0, x * 1.02))
    return body + 0.3 * math.exp(-(((x - 0.27) / 0.085) ** 2)) - 0.16 * max(0.0, x - 0.7)


def _coloured(light: Image.Image, tint: Colour) -> Image.Image:
    dark, bright = mix(tint, (20, 12, 14), 0.66), mix(tint, (255, 255, 255), 0.66)
    return ImageOps.colorize(light, dark, bright, mid=tint, midpoint=138).convert("RGBA")


def _label(
    thing: Image.Image, code: str, centre: tuple[int, int], size: tuple[int, int], *, round_: bool
) -> None:
    width, height = size

    def paper(draw: ImageDraw.ImageDraw) -> None:
        box = (0, 0, width * SCALE - 1, height * SCALE - 1)
        draw.ellipse(box, 255) if round_ else draw.rounded_rectangle(box, 18 * SCALE, 255)

    corner = (centre[0] - width // 2, centre[1] - height // 2)
    mask = _alpha(size, paper)
    tone = ImageOps.colorize(
        _profile(size, lambda x: 0.9 + 0.1 * math.sin(math.pi * x)), (120, 104, 88), PAPER
    )
    thing.paste(tone, corner, mask)
    picture = emoji(code)
    edge = int(min(width, height) * (0.62 if round_ else 0.72))
    scale = edge / max(picture.size)
    small = picture.resize((int(picture.width * scale), int(picture.height * scale)), RESAMPLE)
    thing.alpha_composite(small, (centre[0] - small.width // 2, centre[1] - small.height // 2))


@cache
def _pouch_parts() -> tuple[Image.Image, Image.Image]:
    size = (400, 540)

    def outline(draw: ImageDraw.ImageDraw) -> None:
        points = [(26, 8), (374, 8), (380, 60), (392, 300), (388, 500)]
        points += [(360, 528), (200, 538), (40, 528), (12, 500), (8, 300), (20, 60)]
        draw.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=255)

    alpha = _alpha(size, outline).filter(ImageFilter.GaussianBlur(1))
    light = _profile(size, _round_light)
    draw = ImageDraw.Draw(light)
    for y in range(14, 54, 5):
        draw.line((0, y, 400, y), fill=118 + (y % 2) * 14, width=1)
    draw.line((0, 58, 400, 58), fill=92, width=3)
    draw.line((0, 62, 400, 62), fill=190, width=2)
    gusset = Image.new("L", size)
    ImageDraw.Draw(gusset).ellipse((-30, 478, 430, 700), fill=120)
    light.paste(70, mask=gusset.filter(ImageFilter.GaussianBlur(9)))
    return alpha, light.filter(ImageFilter.GaussianBlur(0.7))


def pouch(tint: Colour, code: str, name: str) -> Image.Image:
    """Return a standing bag with a round label."""
    alpha, light = _pouch_parts()
    thing = _coloured(light, tint)
    if name:
        _print(thing, name, tint, 0.5)
    draw = ImageDraw.Draw(thing)
    draw.circle((200, 104), 11, fill=(*mix(tint, (0, 0, 0), 0.45), 255))
    draw.circle((200, 103), 6, fill=(*mix(tint, (255, 255, 255), 0.2), 255))
    _label(thing, code, (200, 290), (250, 250), round_=True)
    draw = ImageDraw.Draw(thing)
    draw.rounded_rectangle((120, 440, 280, 452), 6, fill=(*PAPER, 210))
    draw.rounded_rectangle((150, 462, 250, 470), 4, fill=(*PAPER, 150))
    thing.putalpha(alpha)
    return thing


def jar(tint: Colour, code: str, _name: str) -> Image.Image:
    """Return a glass jar with a lid, its content in the tint."""
    thing = Image.new("RGBA", (380, 500))
    glass = _alpha((380, 400), lambda d: d.rounded_rectangle((4, 4, 755, 795), 120, 255))
    body = _coloured(_profile((380, 400), _round_light), tint)
    rim = Image.new("L", (380, 400))
    ImageDraw.Draw(rim).rounded_rectangle((6, 6, 373, 393), 60, outline=170, width=9)
    body.paste((255, 255, 255), mask=rim.filter(ImageFilter.GaussianBlur(2)))
    air = gradient_mask((380, 400), 60)
    body.paste(mix(tint, WARM_WHITE, 0.78), mask=air)
    thing.paste(body, (0, 98), glass)
    lid = _alpha((310, 92), lambda d: d.rounded_rectangle((2, 2, 617, 181), 36, 255))
    metal = _coloured(_profile((310, 92), _round_light), (186, 142, 74))
    lines = ImageDraw.Draw(metal)
    for x in range(8, 306, 9):
        lines.line((x, 26, x, 90), fill=(120, 84, 40, 70), width=2)
    lines.line((0, 24, 310, 24), fill=(250, 226, 170, 255), width=3)
    thing.paste(metal, (35, 12), lid)
    _label(thing, code, (190, 312), (262, 200), round_=False)
    return thing


def gradient_mask(size: tuple[int, int], depth: int) -> Image.Image:
    """Return a mask that is opaque at the top and gone at `depth` pixels."""
    mask = Image.new("L", size)
    draw = ImageDraw.Draw(mask)
    for y in range(depth):
        draw.line((0, y, size[0], y), fill=int(200 * (1 - y / depth) ** 0.5))
    return mask


def bottle(tint: Colour, code: str, _name: str) -> Image.Image:
    """Return a small bottle with a dropper cap."""
    thing = Image.new("RGBA", (300, 540))
    cap = _alpha((110, 150), lambda d: d.rounded_rectangle((2, 2, 217, 297), 50, 255))
    dark = _coloured(_profile((110, 150), _round_light), (58, 52, 50))
    thing.paste(dark, (95, 4), cap)
    neck = _coloured(_profile((130, 60), _round_light), (196, 158, 96))
    thing.paste(
        neck, (85, 132), _alpha((130, 60), lambda d: d.rounded_rectangle((0, 0, 259, 119), 20, 255))
    )
    body = _alpha((300, 370), lambda d: d.rounded_rectangle((4, 4, 595, 735), 130, 255))
    glass = _coloured(_profile((300, 370), _round_light), tint)
    rim = Image.new("L", (300, 370))
    ImageDraw.Draw(rim).rounded_rectangle((6, 6, 293, 363), 62, outline=130, width=8)
    glass.paste((255, 255, 255), mask=rim.filter(ImageFilter.GaussianBlur(3)))
    thing.paste(glass, (0, 168), body)
    _label(thing, code, (150, 370), (210, 210), round_=False)
    return thing


def box(tint: Colour, code: str, name: str) -> Image.Image:
    """Return a gift box with a label."""
    thing = Image.new("RGBA", (500, 430))
    front = _alpha((460, 310), lambda d: d.rounded_rectangle((0, 0, 919, 619), 26, 255))
    face = _coloured(_profile((460, 310), lambda x: 0.62 - 0.16 * x), tint)
    if name:
        _print(face, name, tint, 0.45)
    thing.paste(face, (20, 112), front)
    lid = _alpha((500, 96), lambda d: d.rounded_rectangle((0, 0, 999, 191), 28, 255))
    thing.paste(_coloured(_profile((500, 96), lambda x: 0.76 - 0.16 * x), tint), (0, 40), lid)
    edge = Image.new("L", thing.size)
    ImageDraw.Draw(edge).rectangle((22, 136, 478, 152), fill=120)
    thing.paste(mix(tint, (0, 0, 0), 0.6), mask=_within(edge, thing, 5))
    draw = ImageDraw.Draw(thing)
    draw.rectangle((228, 40, 272, 420), fill=(*mix(tint, WARM_WHITE, 0.7), 255))
    for left, right in (((250, 46), (150, -4)), ((250, 46), (350, -4))):
        x0, x1 = sorted((left[0], right[0]))
        draw.ellipse((x0, 4, x1, 56), outline=(*mix(tint, WARM_WHITE, 0.62), 255), width=15)
    draw.circle((250, 42), 20, fill=(*mix(tint, WARM_WHITE, 0.55), 255))
    _label(thing, code, (250, 274), (200, 200), round_=True)
    return thing


def _within(mask: Image.Image, thing: Image.Image, blur: int) -> Image.Image:
    return ImageChops.multiply(mask.filter(ImageFilter.GaussianBlur(blur)), thing.getchannel("A"))


def book(tint: Colour, code: str, name: str) -> Image.Image:
    """Return a standing book with a picture on its cover."""
    thing = Image.new("RGBA", (430, 560))
    draw = ImageDraw.Draw(thing)
    draw.rounded_rectangle((28, 22, 424, 552), 16, fill=(*mix(tint, (0, 0, 0), 0.5), 255))
    draw.rounded_rectangle((24, 16, 414, 540), 10, fill=(238, 230, 214, 255))
    for x in range(402, 416, 3):
        draw.line((x, 22, x, 536), fill=(206, 194, 172, 255))
    light = _profile((396, 540), lambda x: 0.4 if 0.075 < x < 0.095 else 0.6 - 0.1 * x)
    cover = _coloured(light, tint)
    if name:
        _print(cover, name, tint, 0.6)
    thing.paste(
        cover, (4, 4), _alpha((396, 540), lambda d: d.rounded_rectangle((0, 0, 791, 1079), 30, 255))
    )
    _label(thing, code, (218, 240), (270, 270), round_=True)
    draw = ImageDraw.Draw(thing)
    draw.rounded_rectangle((110, 430, 326, 444), 7, fill=(*PAPER, 225))
    draw.rounded_rectangle((150, 460, 286, 469), 4, fill=(*PAPER, 165))
    return thing


def _print(thing: Image.Image, name: str, tint: Colour, strength: float) -> None:
    lines = motif(name, MOTIF_SIZE).crop((0, 0, *thing.size)).point(lambda v: int(v * strength))
    light = sum(tint) > 400
    ink = mix(tint, (40, 22, 16), 0.6) if light else mix(tint, (250, 228, 186), 0.75)
    thing.paste((*ink, 255), mask=lines)


def cloth(tint: Colour, _code: str, name: str) -> Image.Image:
    """Return a patterned cloth hung over a wooden rod."""
    thing = Image.new("RGBA", (520, 580))
    size = (440, 530)

    def folds(x: float) -> float:
        return 0.56 + 0.13 * math.sin(x * 19) + 0.05 * math.sin(x * 43 + 1)

    cover = _coloured(_profile(size, lambda _: 0.55), tint)
    _print(cover, name or "tenun", tint, 0.85)
    border = ImageDraw.Draw(cover)
    ink = (*mix(tint, (250, 228, 186), 0.7), 255)
    deep = (*mix(tint, (20, 12, 10), 0.45), 255)
    border.rectangle((0, 430, 440, 530), fill=deep)
    for x in range(0, 440, 40):
        border.polygon(((x, 520), (x + 20, 450), (x + 40, 520)), fill=ink)
        border.polygon(((x + 9, 517), (x + 20, 478), (x + 31, 517)), fill=deep)
    border.line((0, 438, 440, 438), fill=ink, width=5)
    shading = _profile(size, folds).convert("RGB")
    plain = ImageChops.overlay(cover.convert("RGB"), shading)

    def hem(draw: ImageDraw.ImageDraw) -> None:
        foot = [(x, 1036 + 14 * math.sin(x / 880 * 19)) for x in range(0, 881, 10)]
        draw.polygon([(0, 0), *foot, (880, 0)], fill=255)

    thing.paste(plain, (40, 36), _alpha(size, hem))
    top = Image.new("L", thing.size)
    ImageDraw.Draw(top).rectangle((40, 36, 480, 64), fill=150)
    thing.paste((30, 18, 14), mask=_within(top, thing, 8))
    rod = _coloured(_profile((28, 520), _round_light), (150, 102, 58)).rotate(90, expand=True)
    thing.paste(
        rod, (0, 18), _alpha((520, 28), lambda d: d.rounded_rectangle((0, 0, 1039, 55), 28, 255))
    )
    return thing


def cushion(tint: Colour, _code: str, name: str) -> Image.Image:
    """Return a square cushion with a woven motif."""
    size = (500, 470)

    def outline(draw: ImageDraw.ImageDraw) -> None:
        points = []
        for step in range(240):
            turn = step * math.tau / 240
            c, s = math.cos(turn), math.sin(turn)
            reach = 1 / (abs(c) ** 3.4 + abs(s) ** 3.4) ** (1 / 3.4)
            points.append((500 + 485 * reach * c, 470 + 455 * reach * s))
        draw.polygon(points, fill=255)

    alpha = _alpha(size, outline)
    base = _coloured(_profile(size, lambda _: 0.56), tint)
    _print(base, name or "ikat", tint, 0.85)
    dome = Image.new("L", size, 70)
    ImageDraw.Draw(dome).ellipse((10, -20, 470, 400), fill=178)
    dome = dome.filter(ImageFilter.GaussianBlur(60)).convert("RGB")
    thing = ImageChops.overlay(base.convert("RGB"), dome).convert("RGBA")
    thing.putalpha(alpha)
    return thing


def shirt(tint: Colour, _code: str, name: str) -> Image.Image:
    """Return a buttoned shirt with a motif."""
    size = (540, 520)
    body = [(168, 34), (84, 70), (8, 236), (104, 284), (128, 232), (122, 512), (418, 512)]
    body += [(412, 232), (436, 284), (532, 236), (456, 70), (372, 34), (270, 74)]

    def outline(draw: ImageDraw.ImageDraw) -> None:
        draw.polygon([(x * SCALE, y * SCALE) for x, y in body], fill=255)

    base = _coloured(_profile(size, lambda _: 0.55), tint)
    _print(base, name or "kawung", tint, 0.85)
    light = _profile(size, lambda x: 0.4 + 0.2 * math.sin(math.pi * x))
    draw = ImageDraw.Draw(light)
    for start, end in (((128, 232), (108, 120)), ((412, 232), (432, 120))):
        draw.line((*start, *end), fill=60, width=12)
    draw.line((274, 80, 274, 512), fill=78, width=7)
    draw.rectangle((318, 196, 388, 200), fill=84)
    draw.rectangle((122, 490, 418, 496), fill=100)
    light = light.filter(ImageFilter.GaussianBlur(6)).convert("RGB")
    thing = ImageChops.overlay(base.convert("RGB"), light).convert("RGBA")
    thing.putalpha(_alpha(size, outline).filter(ImageFilter.GaussianBlur(0.6)))
    draw = ImageDraw.Draw(thing)
    deep, pale = mix(tint, (20, 12, 10), 0.4), mix(tint, (20, 12, 10), 0.08)
    draw.polygon(
        ((196, 44), (270, 92), (344, 44), (270, 66)), fill=(*mix(deep, (0, 0, 0), 0.4), 255)
    )
    for side in (-1, 1):
        points = [(x * side + 270, y) for x, y in ((-1, 92), (62, 148), (104, 52), (76, 22))]
        draw.polygon(points, fill=(*pale, 255), outline=(*deep, 255), width=3)
    for y in (130, 210, 290, 370, 450):
        draw.circle((262, y), 7, fill=(244, 232, 210, 255), outline=(*deep, 255), width=2)
    return thing


SHAPES: dict[str, Callable[[Colour, str, str], Image.Image]] = {
    "pouch": pouch,
    "jar": jar,
    "bottle": bottle,
    "box": box,
    "book": book,
    "cloth": cloth,
    "cushion": cushion,
    "shirt": shirt,
}
