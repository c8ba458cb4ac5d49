"""The code as a picture: what an independent reader reads from it is the link."""

import re
from io import BytesIO
from urllib.parse import urlsplit

import pytest
import zxingcpp
from PIL import Image, ImageDraw
from pytest_django import Settings

from auth_svc import qr
from auth_svc.tests.invitations.codes import Code, accept, path_of, row
from auth_svc.tests.people import Visitor, assert_refused

LINK = "http://192.168.100.100:8000/join/MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"


def read(picture: Image.Image) -> str:
    return str(zxingcpp.read_barcodes(picture)[0].text)


def painted(svg: str, *, scale: int = 8) -> Image.Image:
    """The dark rectangles of our SVG, as a browser would paint them."""
    size = int(re.search(r'viewBox="0 0 (\d+) \1"', svg)[1])  # type: ignore[index]
    picture = Image.new("L", (size * scale, size * scale), 255)
    draw = ImageDraw.Draw(picture)
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", svg.partition('fill="#000"')[2]):
        left, top = int(x) * scale, int(y) * scale
        draw.rectangle([left, top, left + int(width) * scale - 1, top + scale - 1], fill=0)
    return picture


class TestPictures:
    @pytest.mark.parametrize(
        "link", [LINK, "https://chat.example.org/join/" + "x" * 32, "https://қазақ.example/join/y"]
    )
    def test_svg_and_png_say_the_link(self, link: str):
        assert read(painted(qr.svg(link).decode())) == link
        assert read(Image.open(BytesIO(qr.png(link)))) == link

    def test_the_svg_needs_no_style_and_no_script(self):
        svg = qr.svg(LINK).decode()

        assert not re.search(r"style|script|class=|on\w+=|href", svg)
        assert svg.startswith('<svg xmlns="http://www.w3.org/2000/svg" viewBox=')

    def test_four_light_modules_stand_around_the_code(self):
        picture = painted(qr.svg(LINK).decode(), scale=1)

        dark = Image.eval(picture, lambda tone: 255 - tone).getbbox()
        assert dark == (4, 4, picture.width - 4, picture.height - 4)

    def test_a_stain_over_a_tenth_of_the_code_does_not_hide_it(self):
        picture = painted(qr.svg(LINK).decode())
        middle, stain = picture.width // 2, picture.width // 8

        ImageDraw.Draw(picture).rectangle([middle - stain, middle - stain, middle + stain, middle + stain // 4], fill=0)

        assert read(picture) == LINK


class TestTheHostsPicture:
    @pytest.mark.parametrize("accept_header", ["*/*", "image/avif,image/webp,*/*;q=0.8", "image/svg+xml", "image/png"])
    def test_the_host_gets_it_as_often_as_needed_and_no_cache_keeps_it(
        self, ada: Visitor, code: Code, accept_header: str
    ):
        svg = ada.get(code["qr_svg"], Accept=accept_header)
        png = ada.get(code["qr_png"], Accept=accept_header)

        assert (svg.status_code, svg["Content-Type"], svg["Cache-Control"]) == (200, "image/svg+xml", "no-store")
        assert (png.status_code, png["Content-Type"], png["Cache-Control"]) == (200, "image/png", "no-store")
        assert read(painted(svg.content.decode())) == code["url"]
        assert read(Image.open(BytesIO(png.content))) == code["url"]

    def test_the_link_itself_is_there_for_the_host_to_copy(self, ada: Visitor, code: Code):
        answer = ada.get(path_of(code, "/link"))

        assert answer.json() == {"url": code["url"]}
        assert answer["Cache-Control"] == "no-store"

    def test_drawing_it_uses_nothing_up(self, ada: Visitor, somebody: Visitor, code: Code):
        ada.get(code["qr_svg"])
        ada.ask("HEAD", code["qr_png"])

        assert row(code).opened_at is None
        assert accept(somebody, code).status_code == 200


class TestAfterAChangeOfTheSecretKey:
    @pytest.fixture
    def old_code(self, ada: Visitor, code: Code, settings: Settings) -> Code:
        settings.SECRET_KEY = "another secret key, of forty characters.."
        return code

    @pytest.mark.parametrize("rest", ["/qr.svg", "/qr.png", "/link"])
    def test_the_picture_is_gone_and_the_host_is_told_to_renew(self, ada: Visitor, old_code: Code, rest: str):
        answer = ada.get(path_of(old_code, rest), Accept="image/png")

        assert_refused(answer, 410, "qr_unavailable")
        assert "renew" in answer.json()["error"]["message"].casefold()

    def test_the_printed_code_still_opens(self, somebody: Visitor, old_code: Code):
        assert accept(somebody, old_code).status_code == 200

    def test_a_renewed_code_can_be_drawn_again(self, ada: Visitor, old_code: Code):
        fresh = ada.post(path_of(old_code, "/renew")).json()

        drawn = ada.get(path_of(fresh, "/qr.svg"))
        assert read(painted(drawn.content.decode())) == fresh["url"]
        assert urlsplit(fresh["url"]).path == f"/join/{fresh['token']}"

    def test_a_key_that_is_kept_as_fallback_draws_on(self, ada: Visitor, code: Code, settings: Settings):
        old = settings.SECRET_KEY
        settings.SECRET_KEY = "another secret key, of forty characters.."
        settings.SECRET_KEY_FALLBACKS = [old]

        assert ada.get(path_of(code, "/link")).json() == {"url": code["url"]}
