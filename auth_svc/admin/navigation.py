"""Where one can go in the admin: a few places in the header, all others in its menu."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from django.apps import apps
from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Place(NamedTuple):
    """`name`: of a list the label of its model, of any other page its address's name. `right`: asked of the latter."""

    title: str | Promise
    name: str
    right: str = ""


@dataclass(frozen=True)
class Link:
    title: str | Promise
    path: str
    is_here: bool


HEADER = (
    Place(_("Reports"), "chat_svc.Report"),
    Place(_("People"), "user_svc.User"),
    Place(_("Chats"), "chat_svc.Chat"),
    Place(_("Codes"), "auth_svc.Invitation"),
    Place(_("Log"), "chat_svc.ModerationEntry"),
)
MENU = (
    Place(_("Waiting for approval"), "held", "chat_svc.moderate_messages"),
    Place(_("Word filter"), "filter", "chat_svc.set_rules"),
    Place(_("Members of chats"), "chat_svc.Membership"),
    Place(_("Devices"), "auth_svc.Session"),
    Place(_("Errors in browsers"), "auth_svc.ClientError"),
)


def links(site: AdminSite, request: HttpRequest, places: tuple[Place, ...]) -> list[Link]:
    """Those of `places` that whoever asks may open."""
    return list(_links(site, request, places))


def _links(site: AdminSite, request: HttpRequest, places: tuple[Place, ...]) -> Iterator[Link]:
    for place in places:
        if _may_open(site, request, place):
            path = _path(site, place)
            yield Link(place.title, path, request.path.startswith(path))


def _may_open(site: AdminSite, request: HttpRequest, place: Place) -> bool:
    if "." in place.name:
        return site.get_model_admin(apps.get_model(place.name)).has_view_permission(request)
    return not place.right or request.user.has_perm(place.right)


def _path(site: AdminSite, place: Place) -> str:
    name = place.name
    if "." in name:
        model = apps.get_model(name)._meta
        name = f"{model.app_label}_{model.model_name}_changelist"
    return reverse(f"{site.name}:{name}")
