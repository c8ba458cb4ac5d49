"""What the login page asks: which third-party logins to offer."""

from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.operations import operation
from abdre.views import ApiView
from abdre.wire import Items
from oauth_svc.selectors import ProviderJson, providers


class ProviderListView(ApiView):
    permission_classes = (AllowAny,)

    @operation(
        "List the providers", {200: Items[ProviderJson]}, note="A browser opens `url` with `?next=` and a path of ours."
    )
    def get(self, request: Request) -> Response:
        return Response({"items": providers()})
