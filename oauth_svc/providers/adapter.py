"""allauth asks the provider; the moment it knows the answer, or that there is none, we take over."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import cache
from time import time
from typing import TYPE_CHECKING, Any, NoReturn

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base import ProviderException
from allauth.socialaccount.providers.base.constants import AuthError
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from requests import RequestException

from oauth_svc.errors import ProviderDenied, ProviderFailed, ProviderNotFound
from oauth_svc.providers.calls import Line, within_step
from oauth_svc.providers.claims import claims_of
from oauth_svc.selectors import offered
from oauth_svc.services import Claims, Flow

if TYPE_CHECKING:
    from allauth.socialaccount.models import SocialLogin

    from abdre.errors import AppError

log = logging.getLogger(__name__)

# What a provider that is down or slow looks like from here; the built-in ones are nonsense in its answers, which
# allauth takes as they come.
PROBLEMS = (
    *(RequestException, OAuth2Error, ProviderException, PermissionDenied),
    *(ValueError, KeyError, TypeError, AttributeError),
)
# Who shows that it is they must not be waved through; Google knows no "login" there, but lets people choose anew.
PROMPTS = {"google": "select_account"}


class Arrived(Exception):
    """The provider has said who it is. What follows is ours, and its faults are not the provider's."""

    def __init__(self, claims: Claims, flow: Flow) -> None:
        self.claims, self.flow = claims, flow
        super().__init__(claims.subject)


class Stopped(Exception):
    """Nobody has arrived. `flow`: which one, where the provider said it."""

    def __init__(self, refusal: AppError, flow: Flow | None = None) -> None:
        self.refusal, self.flow = refusal, flow
        super().__init__(refusal.code)


class OwnOrigin:
    """Tells the provider our public address, as it was registered there, whatever host this process sees."""

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        origin = settings.PUBLIC_ORIGIN or f"{request.scheme}://{request.get_host()}"
        return origin + reverse("oauth_callback", kwargs={"provider_id": app.provider_id or app.provider})


@cache
def _with_own_origin(adapter: type) -> type:
    return type(adapter.__name__, (OwnOrigin, adapter), {})


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Its own login never happens."""

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """What the environment names. allauth would look into a table of its own too, which nobody fills, each time."""
        named = [
            SocialApp(provider=package, **app)
            for package, facts in settings.SOCIALACCOUNT_PROVIDERS.items()
            for app in facts["APPS"]
        ]
        ours = [app for app in named if not provider or provider in (app.provider, app.provider_id)]
        return [app for app in ours if not client_id or client_id == app.client_id]

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Any:
        found = super().get_provider(request, provider, client_id)
        found.oauth2_adapter_class = _with_own_origin(found.oauth2_adapter_class)
        return found

    def get_requests_session(self) -> Line:
        return Line()

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: Any) -> Any:
        """The user comes from user_svc; what the provider says of names is kept for `claims_of`."""
        sociallogin.said = data
        return sociallogin.user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> NoReturn:
        flow = Flow(**sociallogin.state["flow"])
        request.session.flush()
        try:
            claims = claims_of(sociallogin, provider=offered()[flow.provider])
        except ProviderFailed as refusal:
            raise Stopped(refusal, flow) from refusal
        raise Arrived(claims, flow)

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, extra_context: Any = None
    ) -> NoReturn:
        if exception:
            log.warning("third-party login failed", extra={"provider": str(provider)}, exc_info=exception)
        # Some providers say no without the state, by which allauth would know that they mean this flow.
        denied = error == AuthError.CANCELLED or request.GET.get("error") == "access_denied"
        state = (extra_context or {}).get("state") or {}
        flow = Flow(**state["flow"]) if "flow" in state else None
        raise Stopped(ProviderDenied() if denied else ProviderFailed(), flow)


def begin(request: HttpRequest, flow: Flow) -> HttpResponseBase:
    """The way out to the provider. Raises ProviderNotFound, Stopped."""
    provider = _provider(request, flow.provider)
    is_oidc = offered()[flow.provider].is_oidc
    nonce = secrets.token_urlsafe(24)
    asked = {"nonce": nonce, **_prompt(flow)} if is_oidc else {}
    with _stopping_at_problems(flow):
        redirect: HttpResponseBase = provider.redirect(
            request,
            flow.process,
            nonce=nonce,
            flow=asdict(flow),
            begun_at=time(),
            auth_params={**provider.get_auth_params(), **asked},
        )
    return redirect


def finish(request: HttpRequest, provider_id: str) -> NoReturn:
    """The way back. Raises Arrived, Stopped, ProviderNotFound."""
    provider = _provider(request, provider_id)
    with _stopping_at_problems():
        OAuth2CallbackView.adapter_view(provider.get_oauth2_adapter(request))(request)
    raise Stopped(ProviderFailed())  # allauth has ended it in a way of its own


@contextmanager
def _stopping_at_problems(flow: Flow | None = None) -> Iterator[None]:
    try:
        with within_step():
            yield
    except PROBLEMS as problem:
        log.warning("third-party login failed", exc_info=problem)
        raise Stopped(ProviderFailed(), flow) from problem


def _prompt(flow: Flow) -> dict[str, str]:
    """`max_age`: whoever honours it says when the person signed in (OpenID Connect Core 3.1.2.1), and we look."""
    if flow.process != "reauthenticate":
        return {}
    return {"prompt": PROMPTS.get(flow.provider, "login"), "max_age": "0"}


def _provider(request: HttpRequest, provider_id: str) -> Any:
    if provider_id not in offered():
        raise ProviderNotFound
    return get_adapter().get_provider(request, provider_id)
