"""Letters about missed mentions are switched off by a link in them."""

from typing import Any

from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import StrictCharField, parse
from abdre.operations import operation
from abdre.views import ApiView
from auth_svc.errors.emails import DigestLinkUnknown
from auth_svc.services import switch_digest_off

TOKEN_LENGTH = 200


class DigestToken(serializers.Serializer[Any]):
    token = StrictCharField(max_length=TOKEN_LENGTH)


class DigestOffView(ApiView):
    permission_classes = [AllowAny]  # whoever holds the letter: what it says is signed

    @operation(
        "Switch the letters about missed mentions off",
        {204: None},
        note="By what the link in such a letter ends with, on whatever device.",
        body=DigestToken,
        refusals=[DigestLinkUnknown],
    )
    def post(self, request: Request) -> Response:
        switch_digest_off(parse(DigestToken, request.data)["token"])
        return Response(status=204)
