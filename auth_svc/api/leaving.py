"""Leaving, for a while or for good, and thinking better of it."""

from typing import TypedDict

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import parse, person_of, who_of
from abdre.device import device_that_asks
from abdre.operations import operation
from abdre.tokens import clear_auth_cookies
from abdre.views import ApiView
from abdre.wire import Moment, utc
from auth_svc.api.sessions import signed_out
from auth_svc.errors.factors import SecondFactorNeeded
from auth_svc.errors.sessions import AccountRequired, ReauthenticationRequired
from auth_svc.services import ask_for_deletion, deactivate, keep_account
from user_svc.errors import LastAdministrator


class DeletionWish(serializers.Serializer[object]):
    erase_messages = serializers.BooleanField(
        default=False, help_text='Whether what was written goes too; else it stays under "Deleted account".'
    )


class DeletionJson(TypedDict):
    deletion_due_at: Moment


class DeactivationView(ApiView):
    @operation(
        "Deactivate my account",
        {204: None},
        note="Signed out everywhere, and not found by the search, until the next login.",
        refusals=[AccountRequired, ReauthenticationRequired, SecondFactorNeeded],
    )
    def post(self, request: Request) -> Response:
        deactivate(**who_of(request), device=device_that_asks(request))
        return signed_out()


class DeletionView(ApiView):
    @operation(
        "Delete my account",
        {202: DeletionJson},
        note="Signed out everywhere at once; deleted after a time of grace, in which the person may log in and take it "
        "back. Logging in alone does not. Guests are deleted at once.",
        body=DeletionWish,
        refusals=[ReauthenticationRequired, SecondFactorNeeded, LastAdministrator],
    )
    def post(self, request: Request) -> Response:
        asked = parse(DeletionWish, request.data)
        due_at = ask_for_deletion(
            **who_of(request), erases_messages=asked["erase_messages"], device=device_that_asks(request)
        )
        response = Response({"deletion_due_at": utc(due_at)}, status=202)
        clear_auth_cookies(response)
        return response

    @operation("Keep my account", {204: None}, note="Takes back that it is to be deleted.")
    def delete(self, request: Request) -> Response:
        keep_account(user_id=person_of(request).id, device=device_that_asks(request))
        return Response(status=204)
