"""What the login page asks: which third-party logins to offer."""

from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.views import ApiView
from oauth_svc.selectors import providers


class ProviderListView(ApiView):
    permission_classes = (AllowAny,)

    def get(self, request: Request) -> Response:
        return Response({"items": providers()})
