"""The two steps: out to the provider, and back."""

from dataclasses import asdict
from uuid import UUID

from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from abdre.errors import AppError, json_answer
from abdre.own_path import own_path
from abdre.path_session import PathSession
from oauth_svc.errors import ProviderNotFound
from oauth_svc.providers import Arrived, Stopped, begin, finish
from oauth_svc.services import Flow, redeemed
from oauth_svc.views.endings import person_at, to_login, turned_away, welcome

# In the flow's session: the last one that was begun, for an answer that names none.
LAST = "flow"
# The flow's state travels with the browser: nothing is kept here between the two steps.
flow_session = PathSession(store=SessionStore, cookie="abdre_oauth", path="/oauth/")


@require_GET
@never_cache
@flow_session
def start(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """With a ticket for what only somebody signed in may begin, else to log in."""
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        # Somebody else's page may not begin a login in this browser; a person who came by a link presses the button.
        return to_login(_next_path(request))
    flow = Flow(provider_id, _next_path(request))
    try:
        if "ticket" in request.GET:
            flow = redeemed(request.GET["ticket"], provider=provider_id, session_id=_session_at(request))
        request.session[LAST] = asdict(flow)
        return begin(request, flow)
    except ProviderNotFound as refusal:
        return json_answer(refusal)
    except Stopped as stopped:
        return turned_away(stopped.refusal, flow)
    except AppError as refusal:
        return turned_away(refusal, flow)


@require_GET
@never_cache
@flow_session
def callback(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    last = request.session.get(LAST)
    begun = Flow(**last) if last else Flow(provider_id, _next_path(request))
    try:
        finish(request, provider_id)
    except ProviderNotFound as refusal:
        return json_answer(refusal)
    except Stopped as stopped:
        return turned_away(stopped.refusal, stopped.flow or begun)
    except Arrived as arrived:
        return welcome(request, arrived.claims, arrived.flow)


def _next_path(request: HttpRequest) -> str:
    return own_path(request.GET.get("next"))


def _session_at(request: HttpRequest) -> UUID | None:
    person = person_at(request)
    return person.session_id if person else None
