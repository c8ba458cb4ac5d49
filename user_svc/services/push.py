"""People's browsers are told things while no page is open: each session one, as long as it lasts."""

import logging
from collections.abc import Callable, Collection, Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.module_loading import import_string
from django.utils.translation import gettext, override
from django_tasks import task

from abdre import web_push
from abdre.fetching import BadAddress, checked_url
from abdre.tokens import session_lives
from abdre.web_push import SubscriptionGone, Target
from user_svc.errors import InvalidProfile, TooManyDevices
from user_svc.models import PushSubscription
from user_svc.selectors import is_quiet, preferences_of, pushed_to
from user_svc.selectors.preferences import zones
from user_svc.services.standing import lock_person

log = logging.getLogger(__name__)

DEVICES_LIMIT = 20
TEST_TTL_S = 60

Words = Callable[[bool], Mapping[str, Any]]  # asked whether the person wants no text there


def subscribe(
    *, user_id: UUID, session_id: UUID, target: Target, time_zone: str = "", language: str = ""
) -> PushSubscription:
    """In the place of what the session had; a browser that was somebody else's is told for this person alone.

    `language`: the browser's. Raises InvalidProfile, TooManyDevices.
    """
    endpoint = _checked(target)
    if time_zone and time_zone not in zones():
        time_zone = ""  # a browser that knows a newer one than we do
    with transaction.atomic():
        lock_person(user_id=user_id)
        PushSubscription.objects.filter(Q(session=session_id) | Q(endpoint=endpoint)).delete()
        if PushSubscription.objects.filter(user_id=user_id).count() >= DEVICES_LIMIT:
            raise TooManyDevices
        made = PushSubscription.objects.create(
            user_id=user_id,
            session=session_id,
            endpoint=endpoint,
            p256dh=target.p256dh,
            auth=target.auth,
            time_zone=time_zone,
            language=language,
        )
        import_string(settings.UNDER_PUSH_SUBSCRIPTION)(user_id)
    return made


def _checked(target: Target) -> str:
    try:
        target.check()
    except ValueError as problem:
        raise InvalidProfile("keys", gettext("These are not the keys of a browser’s subscription.")) from problem
    try:
        return checked_url(target.endpoint)
    except BadAddress as problem:
        raise InvalidProfile("endpoint", gettext("This is not an address that can be asked.")) from problem


def unsubscribe(*, user_id: UUID, session_id: UUID) -> None:
    """A second time changes nothing."""
    PushSubscription.objects.filter(user_id=user_id, session=session_id).delete()


def forget_push_of(session_ids: Collection[UUID]) -> None:
    """Sessions have ended."""
    PushSubscription.objects.filter(session__in=session_ids).delete()


def push(
    subscription: PushSubscription, message: Mapping[str, Any], *, topic: str, ttl_s: int, is_urgent: bool = True
) -> None:
    """Tell the browser; one that is gone, or whose session is over, is forgotten. Raises PushFailed, FetchFailed."""
    if not session_lives(subscription.session):
        forget_push_of([subscription.session])
        return
    try:
        web_push.send(subscription.target, message, topic=topic, ttl_s=ttl_s, is_urgent=is_urgent)
    except SubscriptionGone:
        log.info("push subscription gone", extra={"person": str(subscription.user_id)})
        PushSubscription.objects.filter(id=subscription.id).delete()


def ask_for_test_push(*, user_id: UUID, session_id: UUID) -> bool:
    """Whether the session has a subscription; what it shows comes by a job."""
    own = PushSubscription.objects.filter(user_id=user_id, session=session_id).first()
    if own is None:
        return False
    send_test_push.enqueue(str(user_id), str(own.id))
    return True


@task()
def send_test_push(user_id: str, subscription_id: str) -> None:
    if UUID(subscription_id) in pushed_to(UUID(user_id)):
        push_words(UUID(subscription_id), _test_message, topic="test", ttl_s=TEST_TTL_S)


def _test_message(_hides_text: bool) -> dict[str, Any]:
    message = {"title": gettext("It works"), "text": gettext("Messages will be shown here like this."), "tag": "test"}
    return {**message, "url": "/settings/notifications"}


def push_words(subscription_id: UUID, words: Words, *, topic: str, ttl_s: int) -> None:
    """What `words` answers under the browser's language; nothing where it is gone. Raises PushFailed, FetchFailed."""
    if browser := _browser(subscription_id):
        _push_words(browser, words, topic=topic, ttl_s=ttl_s)


def push_words_unless_quiet(subscription_id: UUID, words: Words, *, topic: str, ttl_s: int) -> None:
    """The same for what the person has chosen no moment for: nothing at an hour at which they want quiet."""
    browser = _browser(subscription_id)
    if browser and not is_quiet(preferences_of(browser.user), device_zone=browser.time_zone):
        _push_words(browser, words, topic=topic, ttl_s=ttl_s)


def _browser(subscription_id: UUID) -> PushSubscription | None:
    return PushSubscription.objects.select_related("user__preferences").filter(id=subscription_id).first()


def _push_words(browser: PushSubscription, words: Words, *, topic: str, ttl_s: int) -> None:
    preferences = preferences_of(browser.user)
    with override(preferences.language or browser.language or settings.LANGUAGE_CODE):
        message = words(preferences.hides_text)
    push(browser, message, topic=topic, ttl_s=ttl_s)
