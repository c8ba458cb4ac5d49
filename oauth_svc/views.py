"""The two steps of a third-party login: out to the provider, and back."""

import logging
import secrets
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base import ProviderException
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from requests import RequestException

from abdre.own_path import own_path
from abdre.path_session import PathSession, View
from oauth_svc.errors import ProviderFailed
from oauth_svc.providers import NEXT, Arrived, OwnOriginAdapter, back_to_login, way_back, welcome
from oauth_svc.selectors import PROVIDER_ID

log = logging.getLogger(__name__)

# The flow's state travels with the browser: nothing is kept here between the two steps.
flow_session = PathSession(store=SessionStore, cookie="abdre_oauth", path="/oauth/")

# What a provider that is down or slow looks like from here; the built-in ones are nonsense in its answers, which
# allauth takes as they come.
PROVIDER_PROBLEMS = (
    *(RequestException, OAuth2Error, ProviderException, PermissionDenied),
    *(ValueError, KeyError, TypeError, AttributeError),
)


def kindly(view: View) -> View:
    """A provider's failure ends at the login page, never in an error page."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except SocialApp.DoesNotExist as problem:
            raise Http404 from problem
        except PROVIDER_PROBLEMS:
            log.warning("third-party login failed", exc_info=True)
            return back_to_login(ProviderFailed(), way_back(request))

    return wrapped


@require_GET
@never_cache
@flow_session
@kindly
def start(request: HttpRequest) -> HttpResponseBase:
    next_path = own_path(request.GET.get("next"))
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        # Somebody else's page may not begin a login in this browser; a person who came by a link presses the button.
        return HttpResponseRedirect(f"/login?{urlencode({'next': next_path})}")
    request.session[NEXT] = next_path
    nonce = secrets.token_urlsafe(24)
    provider = get_adapter().get_provider(request, PROVIDER_ID)
    redirect: HttpResponseBase = provider.redirect(
        request, "login", next_url=next_path, nonce=nonce, auth_params={"nonce": nonce}
    )
    return redirect


@require_GET
@never_cache
@flow_session
def callback(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    try:
        return _ask(request, provider_id)
    except Arrived as arrived:
        return welcome(request, arrived)


@kindly
def _ask(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Raises Arrived, when the provider says who it is."""
    step: View = OAuth2CallbackView.adapter_view(OwnOriginAdapter(request, provider_id))
    return step(request)
