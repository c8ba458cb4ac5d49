"""Which of my browsers are told things while no page is open."""

from typing import Any, TypedDict

from django.utils.translation import get_language
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from abdre import web_push
from abdre.api import StrictCharField, parse, person_of, who_of
from abdre.fetching import URL_LIMIT
from abdre.limits import limit
from abdre.operations import operation
from abdre.views import ApiView
from abdre.web_push import Target
from abdre.wire import Items
from user_svc import selectors, services
from user_svc.errors import NoPushHere, TooManyDevices
from user_svc.models import KEY_LIMIT
from user_svc.selectors import PushSubscriptionJson

SUBSCRIBING = {"limit": 60, "window_s": 3600}
TESTS = {"limit": 10, "window_s": 600}


class PushKeyJson(TypedDict):
    """`key`: what a browser takes as `applicationServerKey`."""

    key: str


class Keys(serializers.Serializer[Any]):
    p256dh = StrictCharField(max_length=KEY_LIMIT)
    auth = StrictCharField(max_length=KEY_LIMIT)


class Subscribing(serializers.Serializer[Any]):
    """As a browser gives it: `subscription.toJSON()`."""

    endpoint = StrictCharField(max_length=URL_LIMIT)
    keys = Keys()
    time_zone = StrictCharField(
        required=False, allow_blank=True, default="", help_text="The device's, for quiet hours."
    )


class PushKeyView(ApiView):
    @operation("Get the key that push messages are signed with", {200: PushKeyJson})
    def get(self, request: Request) -> Response:
        return Response({"key": web_push.public_key()})


class PushSubscriptionsView(ApiView):
    @operation("List my browsers that get push messages", {200: Items[PushSubscriptionJson]})
    def get(self, request: Request) -> Response:
        return Response({"items": selectors.push_subscriptions(**who_of(request))})

    @operation(
        "Get push messages in the browser of this session",
        {201: PushSubscriptionJson},
        note="In the place of what the session had. Who has chosen no language is told things in the one in which this "
        "is asked. It ends with the session, and when the push service says so.",
        body=Subscribing,
        refusals=[TooManyDevices],
    )
    def post(self, request: Request) -> Response:
        data = parse(Subscribing, request.data)
        limit("push", str(person_of(request).id), **SUBSCRIBING)
        target = Target(data["endpoint"], data["keys"]["p256dh"], data["keys"]["auth"])
        who = who_of(request)
        made = services.subscribe(**who, target=target, time_zone=data["time_zone"], language=get_language() or "")
        return Response(selectors.push_subscription_json(made, who["session_id"]), status=201)

    @operation("Get no push messages any more in the browser of this session", {204: None})
    def delete(self, request: Request) -> Response:
        services.unsubscribe(**who_of(request))
        return Response(status=204)


class TestPushView(ApiView):
    @operation("Get a push message now to see whether it works", {204: None}, refusals=[NoPushHere])
    def post(self, request: Request) -> Response:
        limit("push-test", str(person_of(request).id), **TESTS)
        if not services.ask_for_test_push(**who_of(request)):
            raise NoPushHere
        return Response(status=204)
