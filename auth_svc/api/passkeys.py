"""/api/auth/passkeys: added, listed, named, removed."""

from typing import Any, TypedDict

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import UNCACHED, StrictCharField, parse, person_of, who_of
from abdre.device import device_that_asks
from abdre.operations import operation
from abdre.origin import page_origin
from abdre.views import ApiView
from abdre.wire import Items
from auth_svc.api.factors import OF_A_CHANGE, CodesJson
from auth_svc.api.proofs import PasskeyAnswer
from auth_svc.errors.factors import PasskeyNotFound, PasskeyRefused, TooManyPasskeys
from auth_svc.errors.sessions import LastWayIn
from auth_svc.selectors.factors import PasskeyJson, passkey_json, passkeys_of
from auth_svc.services import passkeys

NAME_LENGTH = 60


class AskedJson(TypedDict):
    """`options`: for `navigator.credentials`, as JSON writes them. `state`: goes back with what it answers, once."""

    options: dict[str, object]
    state: str


class AddedJson(CodesJson):
    passkey: PasskeyJson


class NewPasskey(PasskeyAnswer):
    name = StrictCharField(max_length=NAME_LENGTH, help_text="By which the person tells it from others.")


class PasskeyName(serializers.Serializer[Any]):
    name = StrictCharField(max_length=NAME_LENGTH)


class PasskeyOptionsView(ApiView):
    @operation(
        "Begin with a passkey",
        {200: AskedJson},
        note="The state is good for five minutes and one answer.",
        refusals=[TooManyPasskeys, *OF_A_CHANGE],
    )
    def post(self, request: Request) -> Response:
        asked = passkeys.begin_passkey(**who_of(request), origin=page_origin(request))
        return Response({"options": asked.options, "state": asked.state})


class PasskeyListView(ApiView):
    @operation("List my passkeys", {200: Items[PasskeyJson]})
    def get(self, request: Request) -> Response:
        return Response({"items": passkeys_of(person_of(request).id)})

    @operation("Add a passkey", {201: AddedJson}, body=NewPasskey, refusals=[PasskeyRefused, *OF_A_CHANGE])
    def post(self, request: Request) -> Response:
        data = parse(NewPasskey, request.data)
        passkey, codes = passkeys.add_passkey(
            **who_of(request), **data, origin=page_origin(request), device=device_that_asks(request)
        )
        shown = {"passkey": passkey_json(passkey), "recovery_codes": codes}
        return Response(shown, status=201, headers=UNCACHED)


class PasskeyView(ApiView):
    @operation("Rename a passkey", {200: PasskeyJson}, body=PasskeyName, refusals=[PasskeyNotFound])
    def patch(self, request: Request, passkey_id: int) -> Response:
        data = parse(PasskeyName, request.data)
        passkey = passkeys.rename_passkey(user_id=person_of(request).id, passkey_id=passkey_id, **data)
        return Response(passkey_json(passkey))

    @operation("Remove a passkey", {204: None}, refusals=[PasskeyNotFound, LastWayIn, *OF_A_CHANGE])
    def delete(self, request: Request, passkey_id: int) -> Response:
        passkeys.remove_passkey(**who_of(request), passkey_id=passkey_id, device=device_that_asks(request))
        return Response(status=204)
