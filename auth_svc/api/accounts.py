"""Becoming somebody: guest, register, login."""

from uuid import UUID

from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import StrictCharField, parse, person_of
from abdre.device import device_that_asks
from abdre.limits import address_prefix
from abdre.operations import operation
from abdre.origin import public_origin
from abdre.views import ApiView
from auth_svc.api.answers import SignedInJson, signed_in, with_tokens
from auth_svc.errors.factors import SecondFactorRequired
from auth_svc.errors.sessions import AccountClosed, SignedOut, WrongCredentials
from auth_svc.services import admit, be_guest, register, renew, sign_in
from user_svc.errors import NotAGuest, UsernameTaken, WeakPassword
from user_svc.selectors import guest_by_id

PASSWORD_LENGTH = 256  # far beyond any password, and little work for Argon2


NAME_NOTE = "1 to 60 characters."
REMEMBER_NOTE = "Whether a browser's cookies outlast the browser."


class NewGuest(serializers.Serializer[object]):
    display_name = StrictCharField(help_text=NAME_NOTE)
    remember = serializers.BooleanField(default=True, help_text=REMEMBER_NOTE)


class NewAccount(serializers.Serializer[object]):
    username = StrictCharField(help_text="3 to 30 letters, digits, dots, hyphens or underscores.")
    email = serializers.EmailField(required=False, allow_blank=True, default="", max_length=254)
    password = StrictCharField(max_length=PASSWORD_LENGTH, help_text="At least 8 characters.")
    display_name = StrictCharField(required=False, allow_blank=True, default="", help_text=NAME_NOTE)
    remember = serializers.BooleanField(default=True, help_text=REMEMBER_NOTE)


class Credentials(serializers.Serializer[object]):
    login = StrictCharField(max_length=254, help_text="The user name, or the confirmed e-mail address.")
    password = StrictCharField(max_length=PASSWORD_LENGTH)
    remember = serializers.BooleanField(default=True, help_text=REMEMBER_NOTE)


class SignInView(ApiView):
    """For nobody yet; a guest may carry the guest's token."""

    permission_classes = (AllowAny,)


class GuestView(SignInView):
    @operation("Become a guest", {201: SignedInJson}, body=NewGuest)
    def post(self, request: Request) -> Response:
        data = parse(NewGuest, request.data)
        remember = data.pop("remember")
        guest = be_guest(address=address_prefix(request), **data)
        return signed_in(request, guest, status=201, remember=remember)


class RegisterView(SignInView):
    @operation(
        "Register",
        {201: SignedInJson},
        note="With a guest's token the guest becomes a member and stays who it is. The e-mail address is the account's "
        "when the link in the letter to it was followed; one that somebody has makes no difference to the answer.",
        body=NewAccount,
        refusals=[UsernameTaken, WeakPassword, NotAGuest, SignedOut],
    )
    def post(self, request: Request) -> Response:
        data = parse(NewAccount, request.data)
        remember = data.pop("remember")
        guest_id = guest_of(request)
        member = register(guest_id=guest_id, address=address_prefix(request), origin=public_origin(request), **data)
        if guest_id is None:
            return signed_in(request, member, status=201, remember=remember)
        # The same person on the same device: open sockets and the other tabs go on.
        return with_tokens(request, renew(session_id=person_of(request).session_id), status=201)


class LoginView(SignInView):
    @operation(
        "Log in",
        {200: SignedInJson},
        note="With a guest's token the guest's memberships move to the account. Whoever has a second factor is refused "
        "with a `challenge`, which goes on at `/api/auth/login/second-factor`.",
        body=Credentials,
        refusals=[WrongCredentials, SecondFactorRequired, AccountClosed],
    )
    def post(self, request: Request) -> Response:
        data = parse(Credentials, request.data)
        remember = data.pop("remember")
        member = sign_in(address=address_prefix(request), **data)
        tokens = admit(user=member, device=device_that_asks(request), remember=remember, guest_id=guest_of(request))
        return with_tokens(request, tokens)


def guest_of(request: Request) -> UUID | None:
    """The guest whose token came with the request, if a guest's did."""
    guest = guest_by_id(person_of(request).id) if request.user else None
    return guest.id if guest else None
