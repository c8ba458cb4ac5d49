"""The accounts elsewhere with which somebody logs in: list, link, unlink."""

from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from gateway_svc.errors import Refused
from gateway_svc.selectors import logins, people
from gateway_svc.selectors.api import Json, part
from gateway_svc.views.marks import mark, marked
from gateway_svc.views.methods import require_http_methods, require_POST, require_safe
from gateway_svc.views.page import SeeOther, api_of, me, next_path, signed_in, together
from gateway_svc.views.rendering import render

PATH = "/security/linked"
CONFIRM = f"{PATH}/confirm"
# Set by oauth_svc on the way back from a provider; only it can read what is in it.
PENDING_COOKIE = "abdre_pending_link"
# What the service says where nothing waits for this person, or no longer.
NOTHING_WAITS = ("flow_expired", "linked_elsewhere", "invalid")


@dataclass(frozen=True)
class LinkedPage:
    accounts: list[logins.Linked]
    providers: list[logins.Provider]
    is_unavailable: bool
    done: str = ""
    problem: str = ""


@dataclass(frozen=True)
class ConfirmPage:
    provider: str
    name: str
    next: str


@dataclass(frozen=True)
class OnwardPage:
    provider: str
    url: str


@require_safe
@signed_in
async def linked(request: HttpRequest) -> HttpResponse:
    return await _linked(request, problem=logins.problem(request.GET.get("problem", "")))


@require_POST
@signed_in
async def add(request: HttpRequest) -> HttpResponse:
    try:
        return await onward(request, process="connect")
    except Refused as refusal:
        if refusal.code != "account_required":
            raise
        return SeeOther("/register")  # there the same button makes the guest a member


@require_POST
@signed_in
async def unlink(request: HttpRequest, account_id: UUID) -> HttpResponse:
    try:
        await api_of(request).delete("oauth", f"{logins.ACCOUNTS}/{account_id}")
    except Refused as refusal:
        if refusal.code == "last_way_in":
            return await _linked(request, problem=refusal.text, status=refusal.status)
        if refusal.status != 404:  # it was unlinked meanwhile: that is what was wanted
            raise
    return SeeOther(f"{PATH}?{urlencode({'done': mark('unlinked')})}")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def confirm(request: HttpRequest) -> HttpResponse:
    """Somebody came by a provider that knows this person's address, and has logged in here since: link the two?"""
    pending = {"pending": request.COOKIES.get(PENDING_COOKIE, "")}
    if request.method != "POST":
        return await _confirm(request, pending)
    if request.POST.get("deed") != "link":
        return _answered(next_path(request))
    try:
        await api_of(request).post("oauth", logins.ACCOUNTS, pending)
    except Refused as refusal:
        if refusal.code not in NOTHING_WAITS:
            raise
        return _answered(f"{PATH}?problem={refusal.code}")
    return _answered(next_path(request))


async def onward(request: HttpRequest, *, process: str, next_path: str = "") -> HttpResponse:
    """On to the provider that was chosen, by a page in between.

    A redirect of the form's own answer would be stopped by `form-action 'self'`, which Chromium holds against the
    whole chain of redirects.
    """
    api = api_of(request)
    sent = {"provider": request.POST.get("provider", ""), "process": process, "next": next_path}
    viewer, providers = await together(people.known_viewer(api, me(request)), logins.offered(api))
    answer = await api.post("oauth", "/api/oauth/flows", sent)
    name = next((provider.name for provider in providers if provider.id == sent["provider"]), sent["provider"])
    return render(request, "account/onward.html", {"viewer": viewer, "page": OnwardPage(name, answer["url"])})


async def _linked(request: HttpRequest, *, problem: str, status: int = 200) -> HttpResponse:
    api = api_of(request)
    viewer, providers, answer = await together(
        people.known_viewer(api, me(request)), logins.offered(api), part(api.get("oauth", logins.ACCOUNTS))
    )
    items = answer["items"] if answer else []
    shown = LinkedPage(
        accounts=[logins.linked(item) for item in items],
        providers=providers,
        is_unavailable=answer is None,
        done=_done(request, items),
        problem=problem,
    )
    return render(request, "account/linked.html", {"viewer": viewer, "page": shown}, status=status)


def _done(request: HttpRequest, items: list[Json]) -> str:
    """What has just been done, so that an address opened by hand says nothing that is not so."""
    if marked(request, "done") == "unlinked":
        return _("The account is unlinked.")
    # The other service leads here, and has no mark to set.
    if request.GET.get("done") == "linked" and any(logins.is_new(item) for item in items):
        return _("The account is linked.")
    return ""


async def _confirm(request: HttpRequest, pending: Json) -> HttpResponse:
    api = api_of(request)
    try:
        viewer, asked = await together(
            people.known_viewer(api, me(request)), api.post("oauth", "/api/oauth/pending", pending)
        )
    except Refused as refusal:
        if refusal.code not in NOTHING_WAITS:
            raise
        return _answered(next_path(request))  # or for somebody else than who has logged in: no question, then
    shown = ConfirmPage(asked["provider_name"], asked["name"], next_path(request))
    return render(request, "account/linked_confirm.html", {"viewer": viewer, "page": shown})


def _answered(path: str) -> HttpResponse:
    response = SeeOther(path)
    response.delete_cookie(PENDING_COOKIE, path=CONFIRM, samesite="Lax")
    return response
