"""How the account is held, and showing once more that it is you."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import StrictCharField, parse, person_of
from abdre.errors import TooMany
from abdre.operations import operation
from abdre.views import ApiView
from auth_svc.api.accounts import PASSWORD_LENGTH
from auth_svc.errors.sessions import WrongPassword
from auth_svc.selectors.security import SecurityJson, security_of
from auth_svc.services import reauthenticate


class Proof(serializers.Serializer[object]):
    password = StrictCharField(max_length=PASSWORD_LENGTH)


class SecurityView(ApiView):
    @operation("See how my account is held", {200: SecurityJson})
    def get(self, request: Request) -> Response:
        return Response(security_of(person_of(request).id))


class ReauthenticationView(ApiView):
    @operation(
        "Show once more that it is you",
        {204: None},
        note="What changes how one signs in asks for it with 403 `reauthentication_required`, when the last time is "
        "more than ten minutes ago. Signing in counts.",
        body=Proof,
        refusals=[WrongPassword, TooMany],
    )
    def post(self, request: Request) -> Response:
        person = person_of(request)
        reauthenticate(user_id=person.id, session_id=person.session_id, **parse(Proof, request.data))
        return Response(status=204)
