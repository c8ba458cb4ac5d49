"""The ways from a row's page to the screens of what may be done to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise

from auth_svc.admin.deeds import SCREENS
from auth_svc.admin.entry import has_right


class Button(NamedTuple):
    title: str | Promise
    path: str


def offers(request: HttpRequest, names: Iterable[str], **about: Any) -> Iterator[Button]:
    """Those of the screens `names` that whoever looks may use; each leads back to this page."""
    asked = urlencode({**about, "next": request.path})
    for name in names:
        if has_right(request, SCREENS[name].right):
            yield Button(SCREENS[name].title, f"{reverse('admin:deed', args=[name])}?{asked}")
