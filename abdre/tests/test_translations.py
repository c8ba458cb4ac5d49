"""Every text that people see is there in every language: found in the source, translated, and compiled."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import polib
import pytest
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(settings.BASE_DIR)
LANGUAGES = [code for code, _name in settings.LANGUAGES if code != "en"]
PYTHON = [path for folder in [*sorted(ROOT.glob("*_svc")), ROOT / "abdre"] for path in sorted(folder.rglob("*.py"))]
TEMPLATES = [path for suffix in ("html", "txt") for path in sorted((ROOT / "templates").rglob(f"*.{suffix}"))]

# Which argument is what, as xgettext is told by Django's makemessages.
SINGULAR, PLURAL, CONTEXT = "singular", "plural", "context"
CALLS = {
    "_": [SINGULAR],
    "gettext": [SINGULAR],
    "gettext_lazy": [SINGULAR],
    "gettext_noop": [SINGULAR],
    "ngettext": [SINGULAR, PLURAL],
    "ngettext_lazy": [SINGULAR, PLURAL],
    "pgettext": [CONTEXT, SINGULAR],
    "pgettext_lazy": [CONTEXT, SINGULAR],
    "npgettext": [CONTEXT, SINGULAR, PLURAL],
}
STRING = r"""\s*u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")\s*"""
IN_TEMPLATE = re.compile(rf"\b(n?p?gettext|_)\(((?:{STRING},?)+)")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w+\}|</?\w[^>]*>")


class Text(NamedTuple):
    singular: str
    plural: str = ""
    context: str = ""


def catalogue(language: str) -> polib.POFile:
    return polib.pofile(str(ROOT / "abdre" / "locale" / language / "LC_MESSAGES" / "django.po"))


def named(entry: polib.POEntry | polib.MOEntry) -> Text:
    return Text(entry.msgid, entry.msgid_plural or "", entry.msgctxt or "")


def forms(entry: polib.POEntry | polib.MOEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def text_of(call: str, strings: list[str]) -> Text:
    return Text(**dict(zip(CALLS[call], strings, strict=False)))


def in_python(path: Path) -> Iterator[Text]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            strings = [part.value for part in node.args if isinstance(part, ast.Constant)]
            if strings:
                yield text_of(node.func.id, [str(part) for part in strings])


def in_template(path: Path) -> Iterator[Text]:
    for call, strings in IN_TEMPLATE.findall(templatize(path.read_text(), origin=str(path))):
        yield text_of(call, list(ast.literal_eval(f"({strings.rstrip(', ')},)")))


@cache
def in_source() -> set[Text]:
    python = {text for path in PYTHON if "tests" not in path.parts for text in in_python(path)}
    return python | {text for path in TEMPLATES for text in in_template(path)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_has_the_texts_of_the_source_and_no_others(language: str):
    assert {named(entry) for entry in catalogue(language)} == in_source(), "run `make messages`, and translate"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_and_none_is_a_guess(language: str):
    texts = catalogue(language)

    assert [entry.msgid for entry in texts if entry.fuzzy or not all(forms(entry))] == []
    assert [entry.msgid for entry in texts.obsolete_entries()] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_form_of_a_number_is_there(language: str):
    texts = catalogue(language)
    count = int(re.findall(r"nplurals=(\d)", texts.metadata["Plural-Forms"])[0])

    assert [entry.msgid for entry in texts if entry.msgid_plural and len(forms(entry)) != count] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_the_placeholders_and_the_tags(language: str):
    def kept(text: str) -> list[str]:
        return sorted(PLACEHOLDER.findall(text))

    wrong = [entry.msgid for entry in catalogue(language) for form in forms(entry) if kept(form) != kept(entry.msgid)]

    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_written(language: str):
    texts = catalogue(language)
    compiled = polib.mofile(texts.fpath.removesuffix("po") + "mo")

    assert {named(entry): forms(entry) for entry in compiled} == {named(entry): forms(entry) for entry in texts}
    assert compiled.metadata == texts.metadata
