"""What the docs say about files and settings is true: `python -m deploy.ci.docs`."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from deploy.ci.jobs import ROOT

READ = re.compile(r'\benv\.\w+\(\s*"([A-Z][A-Z_]+)"')
LISTED = re.compile(r"^#?([A-Z][A-Z_]+?)(?:_FILE)?=", re.MULTILINE)
TABLED = re.compile(r"^\| `([A-Z][A-Z_]+)` \|", re.MULTILINE)
LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)(?:#[^)\s]*)?\)")
# A path in backticks that ends like a file of ours, or a test named as `file.py::Class::test`.
FILE = re.compile(r"`([\w.\-]+(?:/[\w.\-]+)+\.(?:py|md|js|html|css|yaml|toml|json|svg|png))(?:::([\w:]+))?`")
FOR_TESTS_ONLY = {"ABDRE_TEST_SQLITE"}
# Read by Django itself, not by abdre/settings/env.py.
READ_ELSEWHERE = {"DJANGO_SETTINGS_MODULE"}


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()]


def untold_settings() -> Iterator[str]:
    code = [path for path in tracked("abdre/**.py", "*_svc/**.py") if "tests" not in path.parts]
    read = {*READ.findall("".join(path.read_text() for path in code)), *READ_ELSEWHERE} - FOR_TESTS_ONLY
    for page, row in ((".env.example", LISTED), ("abdre/docs/operations.md", TABLED)):
        listed = set(row.findall((ROOT / page).read_text().rpartition("\n## Settings\n")[2]))
        yield from (f"{page}: {name} is read but not listed" for name in sorted(read - listed))
        yield from (f"{page}: {name} is listed but never read" for name in sorted(listed - read))


def dead_links(page: Path) -> Iterator[str]:
    for target in LINK.findall(page.read_text()):
        if not (page.parent / target).exists():
            yield f"{page.relative_to(ROOT)}: no such file: {target}"


def missing_files(page: Path) -> Iterator[str]:
    for name, test in FILE.findall(page.read_text()):
        path = next((base / name for base in (ROOT, page.parent) if (base / name).exists()), None)
        if path is None:
            yield f"{page.relative_to(ROOT)}: no such file: {name}"
        elif any(word not in path.read_text() for word in test.split("::") if word):
            yield f"{page.relative_to(ROOT)}: no such test: {name}::{test}"


def rows_of_no_table(page: Path) -> Iterator[str]:
    """Shown as text, each with its strokes: what begins a table is its head, and under that a line of dashes."""
    lines = ["", *page.read_text().splitlines(), ""]
    for number, (before, line, after) in enumerate(zip(lines, lines[1:], lines[2:], strict=False), start=1):
        if line.startswith("|") and not before.startswith("|") and not after.startswith("|--"):
            yield f"{page.relative_to(ROOT)}:{number}: a row of no table"


def main() -> int:
    pages = tracked("*.md")
    problems = [
        *untold_settings(),
        *(problem for page in pages for problem in [*dead_links(page), *missing_files(page), *rows_of_no_table(page)]),
    ]
    print("\n".join(problems) or f"{len(pages)} pages, all true")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
