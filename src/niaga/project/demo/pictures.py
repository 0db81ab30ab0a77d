"""Composes the demo market's pictures: products, sellers, shelves and the home page's stage.

A picture depends on its product alone (and on this code), so the same bytes come out every time.
"""

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, lru_cache
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from niaga.project.demo.content import market
from niaga.project.demo.content.family import chance
from niaga.project.demo.content.schema import Category, Company, Product
from niaga.project.demo.picture_parts import (
    RESAMPLE,
    WARM_WHITE,
    Colour,
    emoji,
    gradient,
    mix,
    motif,
    printed,
    rgb,
    shade,
    tinted,
)
from niaga.project.demo.picture_shapes import SHAPES

FULL_PX = 800
CARD_PX = 400
FLOOR = 640
QUALITY = 78
PRODUCT_BYTES = 25_000
SCENES = ("arch", "circle", "podium", "diagonal", "kawung", "tenun", "window", "hills")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a thing stands: its foot's middle, its longer edge in pixels, its turn in degrees."""

    x: int
    y: int
    edge: int
    turn: int = 0


ARRANGEMENTS: tuple[tuple[Spot, ...], ...] = (
    (Spot(400, 668, 490),),
    (Spot(560, 620, 340, -5), Spot(310, 675, 430, 3)),
    (Spot(220, 618, 300, 4), Spot(585, 620, 300, -4), Spot(400, 682, 400)),
    (Spot(405, 700, 590),),
)


@lru_cache(maxsize=64)
def thing_of(code: str, tint: str | None, shape: str, name: str, colour: str) -> Image.Image:
    """Return a product's object without its surroundings (RGBA)."""
    if shape:
        return SHAPES[shape](rgb(tint or colour), code, name)
    picture = emoji(code)
    if tint:
        picture = tinted(picture, rgb(tint))
    if name:
        picture = printed(picture, name, rgb(tint or colour))
    return picture


def compose_product(product: Product, variant: int = 0) -> bytes:
    """Return a product's picture, 800 by 800 WebP; `variant` 0 to 2 are its gallery."""
    return _webp(_product(product, variant), QUALITY)


def picture_count(product: Product) -> int:
    """Return how many pictures the product's gallery has (2, sometimes 3)."""
    return 2 + (chance(product.slug, "gallery") % 4 == 0)


def _product(product: Product, variant: int) -> Image.Image:
    random = Random(f"{product.slug}/{variant}")
    scene = SCENES[(chance(product.slug, "scene") + variant * 3) % len(SCENES)]
    canvas = _scene(scene, rgb(product.colour))
    thing = thing_of(product.emoji, product.tint, product.shape, product.motif, product.colour)
    if variant == 0:
        spots = ARRANGEMENTS[(0, 0, 1, 0)[chance(product.slug, "spots") % 4]]
    else:
        spots = ARRANGEMENTS[2 if variant == 1 else 3]
    if product.kind == "service":
        spots = ARRANGEMENTS[0]
    lift = 34 if scene == "podium" else 0
    for spot in spots:
        _stand(canvas, thing, Spot(spot.x, spot.y - lift, spot.edge, spot.turn))
    if product.props and len(spots) == 1 and variant < 2:
        _props(canvas, product.props, random)
    return canvas


def _props(canvas: Image.Image, props: tuple[str, ...], random: Random) -> None:
    left = random.random() < 0.5
    for number, code in enumerate(props[:2]):
        side = left ^ bool(number)
        x = random.randint(128, 180) if side else random.randint(620, 672)
        edge = random.randint(120, 160) - 20 * number
        _stand(
            canvas, emoji(code), Spot(x, random.randint(668, 700), edge, random.randint(-14, 14))
        )


def _stand(canvas: Image.Image, thing: Image.Image, spot: Spot) -> None:
    scale = spot.edge / max(thing.size)
    size = (max(1, int(thing.width * scale)), max(1, int(thing.height * scale)))
    picture = thing.resize(size, RESAMPLE)
    if spot.turn:
        picture = picture.rotate(spot.turn, Image.Resampling.BILINEAR, expand=True)
    shade(canvas, (spot.x + 6, spot.y - 4), int(size[0] * 0.94), 0.5)
    canvas.paste(picture, (spot.x - picture.width // 2, spot.y - picture.height + 4), picture)


def _scene(name: str, colour: Colour) -> Image.Image:
    wall = gradient(
        (FULL_PX, FULL_PX), mix(colour, WARM_WHITE, 0.42), mix(colour, WARM_WHITE, 0.12)
    )
    deep = mix(colour, (110, 82, 66), 0.24)
    pale = mix(colour, WARM_WHITE, 0.74)
    if name in {"kawung", "tenun"}:
        wall.paste(mix(colour, WARM_WHITE, 0.9), mask=_wallpaper(name))
        wall.paste(pale, mask=_mask("glow"))
    elif name in {"arch", "window"}:
        wall.paste(deep if name == "arch" else pale, mask=_mask(name))
    else:
        wall.paste(pale if name in {"circle", "hills"} else deep, mask=_mask(name))
    floor = gradient(
        (FULL_PX, FULL_PX), mix(colour, WARM_WHITE, 0.36), mix(colour, (150, 110, 90), 0.06)
    )
    if name != "diagonal":
        wall.paste(floor, mask=_mask("floor"))
    if name == "podium":
        _podium(wall, colour)
    return wall


@cache
def _wallpaper(name: str) -> Image.Image:
    return motif(name, FULL_PX).point(lambda level: int(level * 0.5))


@cache
def _mask(name: str) -> Image.Image:
    large = Image.new("L", (FULL_PX * 2, FULL_PX * 2))
    draw = ImageDraw.Draw(large)
    level = {"arch": 120, "window": 190, "circle": 200, "hills": 130, "diagonal": 90, "podium": 60}
    fill = level.get(name, 255)
    if name == "arch":
        draw.rounded_rectangle((400, 180, 1200, 1800), 400, fill=fill)
        draw.rounded_rectangle((470, 250, 1130, 1800), 330, fill=int(fill * 0.72))
    elif name == "window":
        draw.polygon(((250, 0), (820, 0), (1380, 1600), (620, 1600)), fill=fill // 2)
        draw.polygon(((980, 0), (1290, 0), (1740, 1600), (1480, 1600)), fill=fill // 2)
    elif name == "circle":
        draw.circle((800, 690), 520, fill=fill)
        draw.circle((800, 690), 570, outline=fill // 2, width=6)
    elif name == "hills":
        draw.ellipse((-500, 700, 900, 2100), fill=fill)
        draw.ellipse((600, 880, 2200, 2300), fill=fill // 2)
        draw.circle((1210, 330), 130, fill=fill)
    elif name == "diagonal":
        draw.polygon(((0, 1180), (1600, 620), (1600, 1600), (0, 1600)), fill=fill)
        draw.polygon(((0, 1330), (1600, 770), (1600, 1600), (0, 1600)), fill=int(fill * 1.6))
    elif name == "podium":
        draw.circle((800, 640), 470, fill=fill)
    elif name == "glow":
        draw.circle((800, 760), 400, fill=215)
    elif name == "floor":
        draw.rectangle((0, FLOOR * 2 - 90, 1600, 1600), fill=235)
    blur = {"glow": 120, "window": 10, "floor": 14}.get(name, 0)
    mask = large.resize((FULL_PX, FULL_PX), Image.Resampling.BOX)
    return mask.filter(ImageFilter.GaussianBlur(blur)) if blur else mask


@cache
def _podium_masks() -> tuple[Image.Image, Image.Image]:
    side, top = (Image.new("L", (1600, 1600)) for _ in range(2))
    draw = ImageDraw.Draw(side)
    draw.rectangle((220, 1250, 1380, 1420), fill=255)
    draw.ellipse((220, 1330, 1380, 1510), fill=255)
    ImageDraw.Draw(top).ellipse((220, 1160, 1380, 1340), fill=255)
    size = (FULL_PX, FULL_PX)
    return side.resize(size, Image.Resampling.BOX), top.resize(size, Image.Resampling.BOX)


def _podium(canvas: Image.Image, colour: Colour) -> None:
    side, top = _podium_masks()
    shade(canvas, (410, 738), 620, 0.5)
    canvas.paste(mix(colour, (90, 62, 50), 0.22), mask=side)
    canvas.paste(mix(colour, WARM_WHITE, 0.6), mask=top)


def compose_category(category: Category) -> bytes:
    """Return a shelf's picture, 600 by 600 WebP."""
    canvas = _scene("circle", mix(rgb(category.colour), WARM_WHITE, 0.42))
    _stand(canvas, emoji(category.emoji), Spot(400, 650, 470))
    return _webp(canvas.resize((600, 600), RESAMPLE), 80)


def compose_logo(company: Company) -> bytes:
    """Return a seller's mark, 400 by 400 WebP: its sign on its colour."""
    colour = rgb(company.colour)
    canvas = gradient((400, 400), mix(colour, WARM_WHITE, 0.16), mix(colour, (20, 12, 16), 0.22))
    name = _house_motif(company)
    lines = motif(name).crop((0, 0, 400, 400)).point(lambda v: int(v * 0.2))
    canvas.paste(mix(colour, WARM_WHITE, 0.7), mask=lines)
    disc = Image.new("L", (800, 800))
    ImageDraw.Draw(disc).circle((400, 400), 292, fill=255)
    canvas.paste(mix(colour, WARM_WHITE, 0.9), mask=disc.resize((400, 400), RESAMPLE))
    picture = emoji(company.emoji)
    scale = 196 / max(picture.size)
    small = picture.resize((int(picture.width * scale), int(picture.height * scale)), RESAMPLE)
    canvas.paste(small, (200 - small.width // 2, 200 - small.height // 2), small)
    return _webp(canvas, 86)


def _house_motif(company: Company) -> str:
    own = {"tenun-sukarara": "tenun", "batik-laweyan": "parang", "anyam-tasik": "zigzag"}
    names = ("kawung", "truntum", "ceplok", "mega", "bunga")
    return own.get(company.slug) or names[chance(company.slug) % len(names)]


def _stage(
    size: tuple[int, int], colour: Colour, name: str, floor: int, dark: float
) -> Image.Image:
    night = mix(colour, (34, 20, 22), dark)
    canvas = gradient(size, mix(night, WARM_WHITE, 0.05), mix(night, WARM_WHITE, 0.3))
    lines = motif(name, size[0]).crop((0, 0, *size))
    fade = Image.linear_gradient("L").rotate(90).resize(size)
    lines = ImageChops.multiply(lines, fade).point(lambda v: int(v * 0.17))
    canvas.paste(WARM_WHITE, mask=lines)
    ground = gradient((size[0], size[1] - floor), mix(night, WARM_WHITE, 0.34), night)
    canvas.paste(ground, (0, floor))
    return canvas


def compose_banner(company: Company) -> bytes:
    """Return a seller's banner, 1600 by 500 WebP: its goods stand on the right."""
    canvas = _stage((1600, 500), rgb(company.colour), _house_motif(company), 400, 0.12)
    own = [product for product in market.products() if product.company == company.slug]
    step = max(1, len(own) // 5)
    picks = own[::step][:5]
    for number, product in enumerate(picks):
        thing = _thing(product)
        far = number % 2
        spot = Spot(770 + number * 172, 448 - far * 26, 290 - far * 40, (-4, 3, 0, -3, 5)[number])
        _stand(canvas, thing, spot)
    return _webp(canvas, 82)


def _thing(product: Product) -> Image.Image:
    return thing_of(product.emoji, product.tint, product.shape, product.motif, product.colour)


HEROES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "#a8552f",
        "kawung",
        (
            "songket-keker-biru-emas",
            "kopi-gayo-arabika-atu-lintang",
            "teko-poci-tanah-set-4-cangkir",
            "kemeja-batik-parang-barong-lengan-panjang",
            "madu-hutan-sumbawa",
            "sambal-merah-balado",
            "pot-terakota-bibir-gulung",
        ),
    ),
    (
        "#1f5f5b",
        "mega",
        (
            "kain-batik-mega-mendung-merah",
            "headphone-suarana-senyap-40",
            "kursi-makan-kudus-sandaran-rotan",
            "radio-kayu-suarana-nostalgia",
            "kopi-toraja-sapan",
            "topeng-panji-jawa",
            "minyak-atsiri-kenanga",
        ),
    ),
)


def compose_hero(number: int) -> bytes:
    """Return picture 0 or 1 of the home page, 1600 by 700 WebP; its left third is left calm."""
    colour, name, slugs = HEROES[number]
    by_slug = {product.slug: product for product in market.products()}
    canvas = _stage((1600, 700), rgb(colour), name, 560, 0.1)
    glow = Image.new("L", (400, 175))
    ImageDraw.Draw(glow).ellipse((170, -20, 390, 190), fill=120)
    canvas.paste(
        mix(rgb(colour), (255, 222, 160), 0.7),
        mask=glow.filter(ImageFilter.GaussianBlur(34)).resize(canvas.size),
    )
    spots = (
        Spot(1120, 560, 480),
        Spot(830, 590, 300, -3),
        Spot(1440, 590, 290, 4),
        Spot(1270, 622, 330, 0),
        Spot(980, 640, 270, 2),
        Spot(1120, 662, 230, 0),
        Spot(1420, 672, 220, 0),
    )
    for slug, spot in zip(slugs, spots, strict=True):
        _stand(canvas, _thing(by_slug[slug]), spot)
    return _webp(canvas, 82)


def _webp(picture: Image.Image, quality: int) -> bytes:
    out = BytesIO()
    picture.save(out, "WEBP", quality=quality, method=2)
    if out.tell() > PRODUCT_BYTES and picture.width <= FULL_PX and quality > 30:
        return _webp(picture, quality - 22)  # close patterns hide the loss
    return out.getvalue()


type Work = tuple[str, str, int]


def _works() -> Iterator[Work]:
    for product in market.products():
        for variant in range(picture_count(product)):
            yield "product", product.slug, variant
    for company in market.companies():
        yield "seller", company.slug, 0
    for category in market.categories():
        yield "category", category.path, 0
    for number in range(len(HEROES)):
        yield "hero", str(number), number


@cache
def _products_by_slug() -> dict[str, Product]:
    return {product.slug: product for product in market.products()}


def product_files(slug: str, variant: int) -> tuple[str, str]:
    """Return the names of a product's full and card picture below `compose_all`'s folder."""
    return f"products/{slug}-{variant}.webp", f"products/{slug}-{variant}-card.webp"


def seller_files(slug: str) -> tuple[str, str]:
    """Return the names of a seller's logo and banner."""
    return f"sellers/{slug}-logo.webp", f"sellers/{slug}-banner.webp"


def category_file(path: str) -> str:
    """Return the name of a shelf's picture."""
    return f"categories/{path.replace('/', '-')}.webp"


def hero_file(number: int) -> str:
    """Return the name of the home page's picture."""
    return f"home/hero-{number}.webp"


def _do(folder: Path, work: Work) -> None:
    kind, key, number = work
    if kind == "product":
        picture = _product(_products_by_slug()[key], number)
        full, card = product_files(key, number)
        (folder / full).write_bytes(_webp(picture, QUALITY))
        (folder / card).write_bytes(_webp(picture.reduce(FULL_PX // CARD_PX), QUALITY))
    elif kind == "seller":
        company = next(found for found in market.companies() if found.slug == key)
        logo, banner = seller_files(key)
        (folder / logo).write_bytes(compose_logo(company))
        (folder / banner).write_bytes(compose_banner(company))
    elif kind == "category":
        category = next(found for found in market.categories() if found.path == key)
        (folder / category_file(key)).write_bytes(compose_category(category))
    else:
        (folder / hero_file(number)).write_bytes(compose_hero(number))


def _do_many(folder: Path, works: list[Work]) -> int:
    for work in works:
        _do(folder, work)
    return len(works)


def _step_back() -> None:
    """Leave the processor to whoever waits on the database, and Ctrl-C to the parent."""
    os.nice(5)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def compose_all(out_dir: Path, progress: Callable[[int, int], None], *, processes: int = 2) -> None:
    """Write every picture below `out_dir`, named as the `*_file(s)` functions say.

    `progress` is called with pictures done and the total. Existing files are written anew.

    Raises:
        OSError: the folder cannot be written.
    """
    for name in ("products", "sellers", "categories", "home"):
        (out_dir / name).mkdir(parents=True, exist_ok=True)
    works = list(_works())
    chunks = [works[start : start + 20] for start in range(0, len(works), 20)]
    done = 0
    with ProcessPoolExecutor(
        processes, mp_context=get_context("spawn"), initializer=_step_back
    ) as pool:
        for count in pool.map(_do_many, [out_dir] * len(chunks), chunks):
            done += count
            progress(done, len(works))
