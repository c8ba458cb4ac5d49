"""The rules for templates and style sheets that a program can hold."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import get_template

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*.html") if "admin" not in path.parts)
PAGES = [path for path in TEMPLATES if "mail" not in path.parts]  # a letter brings its style along, in no sheet
SHEETS = sorted((ROOT / "static" / "css").rglob("*.css"))
TOKENS = [ROOT / "static" / "css" / "tokens.css", *(ROOT / "static" / "css" / "themes").glob("*.css")]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_a_template_compiles_and_holds_no_script_style_or_handler(path: Path) -> None:
    text = path.read_text()

    get_template(str(path.relative_to(ROOT / "templates")))
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text)
    assert "|safe" not in text


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_what_a_template_links_to_exists(path: Path) -> None:
    for name in re.findall(r"\{% static '([^']+)' %\}", path.read_text()):
        assert finders.find(name), name


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_a_form_that_posts_carries_the_csrf_token(path: Path) -> None:
    for form in re.findall(r'<form[^>]*method="post".*?</form>', path.read_text(), re.DOTALL):
        assert "{% csrf_token %}" in form


@pytest.mark.parametrize("path", SHEETS, ids=name_of)
def test_a_style_sheet_stands_in_a_layer_and_shouts_nowhere(path: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)

    assert text.strip().startswith("@layer")
    assert "!important" not in text
    assert not re.search(r"(^|[\s,>+~])#[a-zA-Z][\w-]*\s*[,{]", text)


@pytest.mark.parametrize("path", [path for path in SHEETS if path not in TOKENS], ids=name_of)
def test_colours_come_from_the_meanings(path: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)

    assert not re.search(r"#[0-9a-fA-F]{3,8}\b|\brgb\(|\bhsl\(", text)
    assert not re.search(r"var\(--(accent|ink|red|amber|green)-", text)


@pytest.mark.parametrize("path", SHEETS, ids=name_of)
def test_sides_are_named_by_the_direction_of_writing(path: Path) -> None:
    text = path.read_text()

    assert not re.search(r"\b(margin|padding|border)-(left|right|top|bottom)\b", text)
    assert not re.search(r"^\s*(left|right|top|bottom|width|height|min-width|max-width):", text, re.MULTILINE)


def test_every_token_in_use_is_defined() -> None:
    text = "".join(path.read_text() for path in SHEETS)
    defined = set(re.findall(r"(--[a-z0-9-]+):", text))

    assert set(re.findall(r"var\((--[a-z0-9-]+)", text)) <= defined


NOT_WORDS = re.compile(
    r"\{% block \w+_class %\}.*?\{% endblock %\}|\{% blocktranslate.*?\{% endblocktranslate %\}|\{[%{].*?[%}]\}",
    re.DOTALL,
)
NAMES = ("ABDRE", "Chat", "SVG", "PNG", "· ABDRE Chat", "ABDRE Chat")


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_every_string_a_person_reads_is_marked_for_translation(path: Path) -> None:
    text = NOT_WORDS.sub("", path.read_text())

    words = [words.strip() for words in re.findall(r">([^<>]*[A-Za-z]{3,}[^<>]*)<", text)]

    assert [word for word in words if word not in NAMES] == []
