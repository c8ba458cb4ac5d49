"""/api/auth/device-codes: logging in on another device, which shows a code for one that is signed in to confirm."""

from typing import Any, Literal, TypedDict

from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import UNCACHED, StrictCharField, parse, person_of, who_of
from abdre.device import device_that_asks
from abdre.limits import address_prefix
from abdre.operations import operation
from abdre.origin import public_origin
from abdre.views import ApiView
from abdre.wire import Id, Moment, utc
from auth_svc import qr
from auth_svc.api.accounts import REMEMBER_NOTE, guest_of
from auth_svc.api.answers import SignedInJson, with_tokens
from auth_svc.errors.devices import (
    DeviceCodeDeclined,
    DeviceCodeExpired,
    DeviceCodeUnknown,
    DeviceCodeUsed,
)
from auth_svc.errors.sessions import AccountRequired
from auth_svc.selectors.other_devices import DeviceCodePreviewJson, device_code_preview
from auth_svc.services import (
    bring_along,
    collect_device_code,
    confirm_device_code,
    create_device_code,
    decline_device_code,
    scanned_code,
)

TOKEN_LENGTH = 200


class DeviceToken(serializers.Serializer[Any]):
    token = StrictCharField(max_length=TOKEN_LENGTH)


class Collection(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    secret = StrictCharField(max_length=TOKEN_LENGTH)
    remember = serializers.BooleanField(default=True, help_text=REMEMBER_NOTE)


class DeviceCodeJson(TypedDict):
    """`url` is for the phone, `qr_svg` its picture itself; `secret` is for the new device alone."""

    id: Id
    secret: str
    url: str
    qr_svg: str
    check: str
    expires_at: Moment


class WaitingJson(TypedDict):
    state: Literal["waiting"]


DEAD = (DeviceCodeUnknown, DeviceCodeExpired, DeviceCodeDeclined, DeviceCodeUsed)
SCANNING = (*DEAD, AccountRequired)


class DeviceCodeListView(ApiView):
    permission_classes = (AllowAny,)

    @operation(
        "Make a code to log in by another device",
        {201: DeviceCodeJson},
        note="It lives for half a minute and opens one session. Show `qr_svg` and `check`, and collect every second.",
    )
    def post(self, request: Request) -> Response:
        made = create_device_code(device=device_that_asks(request))
        url = f"{public_origin(request)}/device/{made.token}"
        shown: DeviceCodeJson = {
            "id": str(made.code.id),
            "secret": made.secret,
            "url": url,
            "qr_svg": qr.svg(url).decode(),
            "check": made.code.check_number,
            "expires_at": utc(made.code.expires_at),
        }
        return Response(shown, status=201, headers=UNCACHED)


class CollectView(ApiView):
    permission_classes = (AllowAny,)
    counts_as_deed = False  # a room full of waiting screens must shut nobody out; it has limits of its own

    @operation(
        "Collect the session of a confirmed code",
        {200: SignedInJson, 202: WaitingJson},
        note="With a guest's token the guest's memberships move to the account.",
        body=Collection,
        refusals=DEAD,
    )
    def post(self, request: Request) -> Response:
        data = parse(Collection, request.data)
        tokens = collect_device_code(
            code_id=data["id"], secret=data["secret"], remember=data["remember"], address=address_prefix(request)
        )
        if tokens is None:
            return Response(WaitingJson(state="waiting"), status=202, headers=UNCACHED)
        guest_id = guest_of(request)
        if guest_id is not None:
            bring_along(guest_id=guest_id, user_id=tokens.user_id)
        return with_tokens(request, tokens)


class PreviewView(ApiView):
    @operation(
        "Look at a scanned device code",
        {200: DeviceCodePreviewJson},
        note="Show what asks, and `check` to compare with the number on its screen. It confirms nothing.",
        body=DeviceToken,
        refusals=SCANNING,
    )
    def post(self, request: Request) -> Response:
        code = scanned_code(
            **parse(DeviceToken, request.data), user_id=person_of(request).id, address=address_prefix(request)
        )
        return Response(device_code_preview(code), headers=UNCACHED)


class ConfirmView(ApiView):
    @operation(
        "Confirm a device code",
        {204: None},
        note="Whoever holds the new device is this person there. The new session counts as signed in long ago.",
        body=DeviceToken,
        refusals=SCANNING,
    )
    def post(self, request: Request) -> Response:
        confirm_device_code(**parse(DeviceToken, request.data), **who_of(request), address=address_prefix(request))
        return Response(status=204)


class DeclineView(ApiView):
    @operation("Decline a device code", {204: None}, body=DeviceToken, refusals=SCANNING)
    def post(self, request: Request) -> Response:
        decline_device_code(
            **parse(DeviceToken, request.data), user_id=person_of(request).id, address=address_prefix(request)
        )
        return Response(status=204)
