"""The public keys by which anybody can verify our access tokens."""

from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.key_set import key_set
from abdre.keys import KeySetJson, jwks
from abdre.operations import operation
from abdre.views import ApiView

# Verifiers keep the set for a while; a new key is published this long before it signs.
MAX_AGE_S = 300


class KeysView(ApiView):
    authentication_classes = ()
    permission_classes = (AllowAny,)

    @operation("List the public keys", {200: KeySetJson}, note="By which anybody can verify our access tokens.")
    def get(self, request: Request) -> Response:
        response = Response(jwks(list(key_set().verifying.values())))
        response["Cache-Control"] = f"public, max-age={MAX_AGE_S}"
        return response
