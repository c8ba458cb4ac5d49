"""Taking one's data along, and leaving: for a while, for good, and thinking better of it."""

from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from gateway_svc.errors import Refused
from gateway_svc.selectors import people
from gateway_svc.selectors.api import Json, part
from gateway_svc.selectors.forms import Choices
from gateway_svc.selectors.leaving import ERASE, WAITING, Archive, archive, day_of, messages_choice
from gateway_svc.selectors.times import days, left_s
from gateway_svc.views.marks import mark, marked
from gateway_svc.views.methods import require_http_methods, require_POST, require_safe
from gateway_svc.views.page import (
    SHOW_AGAIN,
    SeeOther,
    api_of,
    me,
    next_path,
    page,
    sign_out,
    signed_in,
    to_reauthentication,
    together,
)
from gateway_svc.views.rendering import render

PATH = "/security/data"
EXPORTS, DELETION = "/api/auth/exports", "/api/auth/account/delete"


@dataclass(frozen=True)
class DataPage:
    archives: list[Archive]
    is_waiting: bool
    deleted_on: str  # the day in words, if the person asked for it
    is_unavailable: bool
    is_kept: bool
    problem: str


@dataclass(frozen=True)
class DeletionPage:
    messages: Choices
    grace: str  # empty where it happens at once
    problem: str


@dataclass(frozen=True)
class WelcomePage:
    deleted_on: str
    next: str


@dataclass(frozen=True)
class GoodbyePage:
    is_deactivated: bool
    is_deleted: bool
    deleted_on: str


@require_safe
@signed_in
async def data(request: HttpRequest) -> HttpResponse:
    return await _data(request)


@require_POST
@signed_in
async def export(request: HttpRequest) -> HttpResponse:
    return await _deed(request, EXPORTS) or SeeOther(PATH)


@require_safe
@signed_in
async def download(request: HttpRequest, export_id: UUID) -> HttpResponse:
    """On to the file, which the browser saves; by way of the page that asks who it is, and back to the list."""
    security = await api_of(request).get("auth", "/api/auth/security")
    if security.get("must_show_again"):  # the release before does not say it
        return SeeOther(f"/reauthenticate?{urlencode({'next': PATH})}")
    return SeeOther(f"{EXPORTS}/{export_id}/archive")


@require_POST
@signed_in
async def deactivate(request: HttpRequest) -> HttpResponse:
    return await _deed(request, "/api/auth/account/deactivate") or _gone("deactivated")


@require_POST
@signed_in
async def keep(request: HttpRequest) -> HttpResponse:
    await api_of(request).delete("auth", DELETION)
    return SeeOther(next_path(request) if "next" in request.POST else f"{PATH}?kept=1")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def delete(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return await _delete(request)
    messages = request.POST.get("messages", "")
    try:
        answer = await api_of(request).post("auth", DELETION, {"erase_messages": messages == ERASE})
    except Refused as refusal:
        if refusal.code in SHOW_AGAIN:
            return to_reauthentication(f"{request.path}?{urlencode({'messages': messages, 'again': 1})}")
        if refusal.status != 409:
            raise
        return await _delete(request, refusal)
    return _gone(answer["deletion_due_at"])


@require_safe
@signed_in
async def welcome_back(request: HttpRequest) -> HttpResponse:
    """After a login: the account was deactivated until now, or is about to be deleted."""
    api = api_of(request)
    viewer, security = await together(people.known_viewer(api, me(request)), api.get("auth", "/api/auth/security"))
    shown = WelcomePage(day_of(security["deletion_due_at"]), next_path(request))
    return render(request, "account/welcome_back.html", {"viewer": viewer, "page": shown})


@require_safe
@page
async def goodbye(request: HttpRequest) -> HttpResponse:
    """What was done stands in a mark; whoever opens the page by hand is told nothing of it."""
    word = marked(request, "left")
    day = day_of(word)
    shown = GoodbyePage(word == "deactivated", bool(day) and left_s(word) == 0, day)
    return render(request, "account/goodbye.html", {"viewer": None, "page": shown})


async def _deed(request: HttpRequest, path: str) -> HttpResponse | None:
    """The page once more with what was refused; None when it is done."""
    try:
        await api_of(request).post("auth", path)
    except Refused as refusal:
        if refusal.status not in (409, 429):
            raise
        return await _data(request, refusal)
    return None


async def _data(request: HttpRequest, refusal: Refused | None = None) -> HttpResponse:
    api = api_of(request)
    viewer, exports, security = await together(
        people.known_viewer(api, me(request)),
        part(api.get("auth", EXPORTS)),
        part(api.get("auth", "/api/auth/security")),
    )
    shown = _page(request, exports, security, refusal.text if refusal else "")
    status = refusal.status if refusal else 200
    return render(request, "account/data.html", {"viewer": viewer, "page": shown}, status=status)


def _page(request: HttpRequest, exports: Json | None, security: Json | None, problem: str) -> DataPage:
    items = exports["items"] if exports else []
    return DataPage(
        archives=[archive(item) for item in items],
        is_waiting=any(item["status"] == WAITING for item in items),
        deleted_on=day_of(security["deletion_due_at"]) if security else "",
        is_unavailable=exports is None or security is None,
        is_kept=request.GET.get("kept") == "1",
        problem=problem,
    )


async def _delete(request: HttpRequest, refusal: Refused | None = None) -> HttpResponse:
    api = api_of(request)
    viewer, security = await together(people.known_viewer(api, me(request)), api.get("auth", "/api/auth/security"))
    shown = DeletionPage(
        messages=messages_choice(request.POST.get("messages") or request.GET.get("messages", "")),
        grace=days(security["deletion_grace_days"]) if security["deletion_grace_days"] else "",
        problem=refusal.text if refusal else "",
    )
    status = refusal.status if refusal else 200
    return render(request, "account/delete.html", {"viewer": viewer, "page": shown}, status=status)


def _gone(word: str) -> HttpResponse:
    """Signed out, and on a page that says what is next. `word`: "deactivated", or when the account will be deleted."""
    response = SeeOther(f"/goodbye?{urlencode({'left': mark(word)})}")
    sign_out(response)
    return response
