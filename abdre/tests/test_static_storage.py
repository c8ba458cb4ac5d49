"""Names of static files say what is in them, also by way of what they refer to, and are the same in every process."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.templatetags.static import static

from abdre.static_storage import HashedStorage

Write = Any


@pytest.fixture
def write(tmp_path: Path, settings: Any) -> Write:
    """Puts files into the only folder there is."""
    settings.STATICFILES_DIRS = [tmp_path / "static"]
    settings.STATIC_ROOT = tmp_path / "collected"

    def write(**modules: str) -> None:
        for name, text in modules.items():
            path = tmp_path / "static" / f"{name}.js"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)

    return write


def names(*modules: str) -> list[str]:
    """As a process that has just started gives them, asked for in this order."""
    storage = HashedStorage()
    return [storage.file(f"{module}.js").name for module in modules]


def test_a_change_shows_in_the_names_of_all_that_build_on_it(write: Write):
    write(page='import { a } from "./a.js";', a='export { b } from "./b.js";', b="export const b = 1;", c="let c;")
    before = names("page", "a", "b", "c")
    write(b="export const b = 2;")

    after = names("page", "a", "b", "c")

    assert [old == new for old, new in zip(before, after, strict=True)] == [False, False, False, True]


def test_the_names_do_not_depend_on_who_asked_first(write: Write):
    write(page='import { a } from "./a.js";', a='import("./b.js");', b="export const b = 1;")

    assert names("page", "a", "b") == names("b", "a", "page")[::-1]


def test_types_in_comments_may_refer_to_each_other_in_a_circle(write: Write):
    write(a='import "./b.js";', b='/** @param {import("./a.js").A} a */\n *  @type {import("./a.js").A}')

    assert b'import"./b.' in HashedStorage().file("a.js").content
    assert b'import("./a.js")' in HashedStorage().file("b.js").content


def test_modules_that_import_each_other_in_a_circle_are_told_by_name(write: Write):
    write(a='import "./b.js";', b='import "./a.js";')

    with pytest.raises(ValueError, match=r"a\.js > b\.js > a\.js"):
        names("a")


def test_a_module_that_is_not_there_is_told_with_the_one_that_wants_it(write: Write):
    write(a='import "./gone.js";')

    with pytest.raises(ValueError, match=r"a\.js > gone\.js"):
        names("a")


def test_a_page_cannot_name_what_is_not_there():
    with pytest.raises(ValueError, match=r"css/nothing\.css"):
        static("css/nothing.css")


def test_naming_writes_nothing(write: Write, tmp_path: Path):
    write(a="let a;")

    names("a")

    assert not (tmp_path / "collected").exists()


def test_collectstatic_writes_what_we_serve_for_an_edge_of_ones_own(write: Write, tmp_path: Path):
    write(page='import { a } from "./a.js";', a="export const a = 1;")

    for _ in range(2):
        call_command("collectstatic", interactive=False, verbosity=0)

    storage, collected = HashedStorage(), tmp_path / "collected"
    for name in ("page.js", "a.js"):
        assert (collected / storage.file(name).name).read_bytes() == storage.file(name).content
    assert len(list(collected.glob("page*.js"))) == 2


def test_no_source_names_a_static_file_past_the_storage(settings: Any):
    """A path that a template or a script spells out itself would go without its hash."""
    sources = [
        path for folder in ("templates", "static") for path in (settings.BASE_DIR / folder).rglob("*") if path.is_file()
    ]

    spelled = [path for path in sources if re.search(rb"""["'(=]/static/""", path.read_bytes())]

    assert len(sources) > 100
    assert spelled == []
