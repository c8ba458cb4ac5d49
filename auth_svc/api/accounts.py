"""Becoming somebody: guest, register, login."""

from uuid import UUID

from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import StrictCharField, parse, person_of
from abdre.limits import address_prefix
from abdre.views import ApiView
from auth_svc.api.answers import signed_in, with_tokens
from auth_svc.services import be_guest, bring_along, register, renew, sign_in
from user_svc.errors import UserNotFound
from user_svc.selectors import user_by_id, user_json

PASSWORD_LENGTH = 256  # far beyond any password, and little work for Argon2


class NewGuest(serializers.Serializer[object]):
    display_name = StrictCharField()
    remember = serializers.BooleanField(default=True)


class NewMember(serializers.Serializer[object]):
    username = StrictCharField()
    email = serializers.EmailField(required=False, allow_blank=True, default="", max_length=254)
    password = StrictCharField(max_length=PASSWORD_LENGTH)
    display_name = StrictCharField(required=False, allow_blank=True, default="")
    remember = serializers.BooleanField(default=True)


class Credentials(serializers.Serializer[object]):
    login = StrictCharField(max_length=254)
    password = StrictCharField(max_length=PASSWORD_LENGTH)
    remember = serializers.BooleanField(default=True)


class SignInView(ApiView):
    """For nobody yet; a guest may carry the guest's token."""

    permission_classes = (AllowAny,)


class GuestView(SignInView):
    def post(self, request: Request) -> Response:
        data = parse(NewGuest, request.data)
        remember = data.pop("remember")
        guest = be_guest(address=address_prefix(request), **data)
        return signed_in(request, guest, status=201, remember=remember)


class RegisterView(SignInView):
    def post(self, request: Request) -> Response:
        data = parse(NewMember, request.data)
        remember = data.pop("remember")
        guest_id = guest_of(request)
        member = register(guest_id=guest_id, address=address_prefix(request), **data)
        if guest_id is None:
            return signed_in(request, member, status=201, remember=remember)
        # The same person on the same device: open sockets and the other tabs go on.
        return with_tokens(
            request, renew(session_id=person_of(request).session_id), {"user": user_json(member)}, status=201
        )


class LoginView(SignInView):
    def post(self, request: Request) -> Response:
        data = parse(Credentials, request.data)
        remember = data.pop("remember")
        member = sign_in(address=address_prefix(request), **data)
        guest_id = guest_of(request)
        if guest_id is not None:
            bring_along(guest_id=guest_id, user_id=member.id)
        return signed_in(request, member, remember=remember)


def guest_of(request: Request) -> UUID | None:
    """The guest whose token came with the request, if a guest's did."""
    if not request.user:
        return None
    try:
        person = user_by_id(person_of(request).id)
    except UserNotFound:
        return None
    return person.id if person.is_guest else None
