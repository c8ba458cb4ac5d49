"""Between allauth, which speaks with the provider, and our own accounts and sessions."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlencode

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.providers.base.constants import AuthError
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse

from abdre.errors import AppError, Unauthenticated
from abdre.limits import address_prefix
from abdre.own_path import own_path
from abdre.tokens import ACCESS_COOKIE, Person, set_auth_cookies, verify
from auth_svc.services import Tokens, open_session, renew
from oauth_svc.errors import ProviderDenied, ProviderFailed
from oauth_svc.services import Claims, arrive
from user_svc.errors import UserNotFound
from user_svc.selectors import user_by_id

if TYPE_CHECKING:
    from allauth.socialaccount.models import SocialLogin

    from user_svc.models import User

log = logging.getLogger(__name__)

# In the flow's session: where to go if it fails, also when the state is lost on the way.
NEXT = "next"
IDENTIFIER_LIMIT = 255  # of `sub`, by OpenID Connect Core 2
EMAIL_LIMIT = 254  # of our column, and of SMTP


class OwnOriginAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # allauth has no types
    """Tells the provider our public address, as it was registered there, whatever host this process sees."""

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        origin = settings.PUBLIC_ORIGIN or f"{request.scheme}://{request.get_host()}"
        return origin + reverse("openid_connect_callback", kwargs={"provider_id": self.provider_id})


class Arrived(Exception):
    """The provider has said who it is. What follows is ours, and its faults are not the provider's."""

    def __init__(self, claims: Claims, next_path: str) -> None:
        self.claims, self.next_path = claims, next_path
        super().__init__(claims.subject)


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """allauth asks the provider; the moment it knows the answer, we take over: its own login never happens."""

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Any:
        found = super().get_provider(request, provider, client_id)
        found.oauth2_adapter_class = OwnOriginAdapter
        return found

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: Any) -> Any:
        """Nothing: the user comes from user_svc."""
        return sociallogin.user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> NoReturn:
        next_path = own_path(sociallogin.state.get("next"))
        try:
            claims = claims_of(sociallogin)
        except ProviderFailed as refusal:
            request.session.flush()
            raise ImmediateHttpResponse(back_to_login(refusal, next_path)) from refusal
        request.session.flush()
        raise Arrived(claims, next_path)

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, extra_context: Any = None
    ) -> NoReturn:
        if exception:
            log.warning("third-party login failed", extra={"provider": str(provider)}, exc_info=exception)
        # Some providers say no without the state, by which allauth would know that they mean this flow.
        denied = error == AuthError.CANCELLED or request.GET.get("error") == "access_denied"
        refusal = ProviderDenied() if denied else ProviderFailed()
        raise ImmediateHttpResponse(back_to_login(refusal, way_back(request)))


def claims_of(sociallogin: SocialLogin) -> Claims:
    """What the provider says, if it says it to the browser that asked. Raises ProviderFailed."""
    account = sociallogin.account
    id_token = account.extra_data.get("id_token") or {}
    userinfo = account.extra_data.get("userinfo") or {}
    # PKCE and state tie the code to this browser, the nonce ties the identity to the code (OpenID Connect Core
    # 3.1.3.7), and both answers must speak of one person (5.3.2).
    if not id_token.get("nonce") or id_token["nonce"] != sociallogin.state.get("nonce"):
        raise ProviderFailed
    if id_token.get("sub") != userinfo.get("sub", id_token.get("sub")):
        raise ProviderFailed
    said = {**id_token, **userinfo}
    return Claims(
        issuer=_identifier(id_token, "iss"),
        subject=_identifier(id_token, "sub"),
        email=_email(said) if said.get("email_verified") is True else "",
        username=_text(said, "preferred_username"),
        name=_text(said, "name"),
    )


def welcome(request: HttpRequest, arrived: Arrived) -> HttpResponseRedirect:
    """Signed in, or back at the login page with the reason."""
    try:
        return _sign_in(request, arrived.claims, arrived.next_path)
    except AppError as refusal:
        return back_to_login(refusal, arrived.next_path)


def _sign_in(request: HttpRequest, claims: Claims, next_path: str) -> HttpResponseRedirect:
    """The same session and cookies as by password."""
    here = _person_here(request)
    guest = _guest(here)
    user = arrive(claims=claims, guest_id=guest.id if guest else None)
    if here and guest and user.id == guest.id:
        tokens = renew(session_id=here.session_id)
    else:
        tokens = _open(request, user)
    response = HttpResponseRedirect(next_path)
    set_auth_cookies(response, access=tokens.access, refresh=tokens.refresh, remember=tokens.remember)
    return response


def back_to_login(refusal: AppError, next_path: str) -> HttpResponseRedirect:
    """The login page has the kind words for each code."""
    return HttpResponseRedirect(f"/login?{urlencode({'next': next_path, 'problem': refusal.code})}")


def way_back(request: HttpRequest) -> str:
    return own_path(request.session.get(NEXT))


def _open(request: HttpRequest, user: User) -> Tokens:
    return open_session(
        user_id=user.id, user_agent=request.headers.get("User-Agent", ""), address=address_prefix(request)
    )


def _person_here(request: HttpRequest) -> Person | None:
    try:
        return verify(request.COOKIES.get(ACCESS_COOKIE, ""))
    except Unauthenticated:
        return None


def _guest(person: Person | None) -> User | None:
    try:
        user = user_by_id(person.id) if person else None
    except UserNotFound:
        return None
    return user if user and user.is_guest else None


def _identifier(id_token: dict[str, Any], name: str) -> str:
    value = _text(id_token, name)
    if not 1 <= len(value) <= IDENTIFIER_LIMIT or "\0" in value:
        raise ProviderFailed
    return value


def _email(said: dict[str, Any]) -> str:
    """Empty where it is none that we could keep."""
    address = _text(said, "email")
    try:
        validate_email(address)
    except ValidationError:
        return ""
    return address if len(address) <= EMAIL_LIMIT else ""


def _text(said: dict[str, Any], name: str) -> str:
    value = said.get(name)
    return value if isinstance(value, str) else ""
