"""Who is woken finds the page."""

import re

import pytest

from deploy.ci.jobs import ROOT
from deploy.observability import queries

RUNBOOKS = ROOT / "deploy/runbooks"
INDEX = (RUNBOOKS / "README.md").read_text()
LINKED = set(re.findall(r"\]\(([\w./-]+\.md)\)", INDEX))
PAGES = sorted(str(path.relative_to(RUNBOOKS)) for path in RUNBOOKS.rglob("*.md") if path.name != "README.md")


@pytest.mark.parametrize("page", PAGES)
def test_each_page_is_in_the_list(page: str):
    assert page in LINKED


def test_the_list_names_no_page_that_is_not_there():
    assert sorted(link for link in LINKED if not (RUNBOOKS / link).exists()) == []


@pytest.mark.parametrize("name", queries.alerts())
def test_each_alert_has_its_row_with_its_severity(name: str):
    [row] = [line for line in INDEX.splitlines() if f"alerts/{name}.md" in line]

    assert f"| {queries.alerts()[name]['labels']['severity']} |" in row
