"""The picture of a digest, pixel by pixel; `OWROUTE_UPDATE_GOLDEN=1` draws it anew."""

import io
from decimal import Decimal

import pytest
from PIL import Image, ImageChops

from bot.cards.digest_chart import HEIGHT, LOOKS, WIDTH, chart
from bot.cards.digest_scale import STEPS, brief, scale_for
from bot.domain.digest import Digest, summary
from tests.cards.digesting import EC2, daily, facts, of
from tests.cards.test_golden import GOLDEN, UPDATE

PICTURES = {
    **{name: of(name) for name in ("busy", "unpriced", "running", "workspace", "crowd")},
    "tiny": summary(facts(daily(EC2, {16: 1, 17: 0.5, 19: 2}, "0.000001"))),
    "huge": summary(facts(daily(EC2, {16: 10, 17: 4, 20: 1}, "1000000"))),
}


def decoded(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_as_it_was_agreed(name: str) -> None:
    path, png = GOLDEN / f"chart_{name}.png", chart(PICTURES[name])
    if UPDATE:
        path.write_bytes(png)
    agreed, drawn = decoded(path.read_bytes()), decoded(png)
    assert drawn.size == (WIDTH, HEIGHT)
    assert ImageChops.difference(agreed, drawn).getbbox() is None, f"{path.name} differs"


def test_no_picture_is_left_over() -> None:
    assert {p.name for p in GOLDEN.glob("*.png")} == {f"chart_{name}.png" for name in PICTURES}


def test_each_series_has_a_colour_of_its_own_and_as_much_of_it_as_it_cost() -> None:
    drawn = decoded(chart(of("busy")))
    white = Image.new("L", drawn.size, 255)

    def area(colour: str) -> int:
        there = ImageChops.difference(drawn, Image.new("RGB", drawn.size, colour)).convert("L")
        return white.histogram(there.point(lambda value: 255 * (value == 0)))[255]

    dearest, *_ = areas = [area(look.fill) for look in LOOKS]
    assert dearest == max(areas)
    assert min(areas) > 0


@pytest.mark.parametrize("digest", [of("quiet"), of("all_unpriced"), of("nothing")])
def test_a_week_without_a_price_has_nothing_to_draw_and_is_drawn_all_the_same(
    digest: Digest,
) -> None:
    assert not digest.is_drawn
    assert decoded(chart(digest)).size == (WIDTH, HEIGHT)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "0"),
        ("0.000001", "0.000001"),
        ("0.0123456", "0.0123"),
        ("0.9996", "1"),
        ("24.149", "24.1"),
        ("100", "100"),
        ("1234.5", "1235"),
        ("12345", "12.3k"),
        ("999999", "1M"),
        ("17999999.98", "18M"),
    ],
)
def test_an_amount_in_short_is_never_nothing_and_has_no_exponent(amount: str, words: str) -> None:
    assert brief(Decimal(amount)) == words


@pytest.mark.parametrize("highest", ["0", "0.0000005", "0.99", "1", "50.4", "8000001", "1e9"])
def test_a_scale_has_a_few_round_lines_and_room_for_the_highest(highest: str) -> None:
    scale = scale_for(Decimal(highest))
    assert scale.top >= Decimal(highest)
    assert 2 <= len(scale.ticks) <= STEPS + 1
    assert len({words for _, words in scale.ticks}) == len(scale.ticks)
