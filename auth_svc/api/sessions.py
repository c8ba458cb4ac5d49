"""Sessions: renew, list, end."""

from uuid import UUID

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import StrictCharField, parse, person_of, who_of
from abdre.errors import Invalid
from abdre.operations import Parameter, operation
from abdre.tokens import REFRESH_COOKIE, clear_auth_cookies, refuse_foreign_page
from abdre.views import ApiView
from abdre.wire import Items
from auth_svc.api.answers import SignedInJson, with_tokens
from auth_svc.errors.sessions import SessionNotFound, SignedOut
from auth_svc.selectors import session_json, sessions_of
from auth_svc.selectors.sessions import SessionJson
from auth_svc.services import end_session, end_sessions, rotate, sign_out


class Renewal(serializers.Serializer[object]):
    # Whatever somebody takes for a refresh token, an access token too, is a wrong one and not a malformed one.
    refresh_token = StrictCharField(max_length=4096)


class RefreshView(ApiView):
    """The secret itself says who asks, from the body or the cookie; the answer takes the way the secret came."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    counts_as_deed = False  # a network's renewals are as many as its people, and nobody may be shut out by the others

    @operation(
        "Renew the tokens",
        {200: SignedInJson},
        note="The secret comes in the body, or in the cookie `abdre_refresh` and without a body; the answer takes the "
        "same way. A secret that was used before ends its session; by cookie a repeat within ten seconds does not.",
        body=Renewal,
        body_required=False,
        refusals=[SignedOut],
    )
    def post(self, request: Request) -> Response:
        refuse_foreign_page(request)
        by_cookie = brings_only_the_cookie(request)
        secret = request.COOKIES[REFRESH_COOKIE] if by_cookie else parse(Renewal, request.data)["refresh_token"]
        tokens = rotate(secret=secret, by_cookie=by_cookie)
        return with_tokens(request, tokens, by_cookie=by_cookie)

    def handle_exception(self, exc: Exception) -> Response:
        """A browser whose secret is dead forgets it, else it would try again with every request."""
        response = super().handle_exception(exc)
        if response.status_code == 401 and brings_only_the_cookie(self.request):
            clear_auth_cookies(response)
        return response


class LogoutView(ApiView):
    @operation("Log out", {204: None}, note="The session's sockets close with 4504.")
    def post(self, request: Request) -> Response:
        sign_out(**who_of(request))
        return signed_out()


class SessionListView(ApiView):
    @operation("List my sessions", {200: Items[SessionJson]})
    def get(self, request: Request) -> Response:
        sessions = sessions_of(person_of(request).id)
        return Response(
            {"items": [session_json(session, current_id=person_of(request).session_id) for session in sessions]}
        )

    @operation(
        "End all other sessions",
        {204: None},
        parameters=[Parameter("others", "", {"type": "boolean", "const": True}, required=True)],
        refusals=[Invalid],
    )
    def delete(self, request: Request) -> Response:
        # Only "the others" can be ended together; ending all by a forgotten parameter would be a nasty surprise.
        if request.query_params.get("others") != "true":
            raise Invalid(fields={"others": [_("Must be true.")]})
        end_sessions(user_id=person_of(request).id, except_=person_of(request).session_id)
        return Response(status=204)


class SessionView(ApiView):
    @operation("End a session", {204: None}, note="Its sockets close within two seconds.", refusals=[SessionNotFound])
    def delete(self, request: Request, session_id: UUID) -> Response:
        end_session(user_id=person_of(request).id, session_id=session_id)
        return signed_out() if session_id == person_of(request).session_id else Response(status=204)


def brings_only_the_cookie(request: Request) -> bool:
    return REFRESH_COOKIE in request.COOKIES and not request.data


def signed_out() -> Response:
    response = Response(status=204)
    clear_auth_cookies(response)
    return response
