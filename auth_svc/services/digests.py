"""Letters about missed mentions: for who asks for them, one in six hours at most, never of what was read meanwhile."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.utils import timezone
from django.utils.translation import get_language, override
from django_tasks import task

from auth_svc.errors.emails import DigestLinkUnknown
from auth_svc.selectors.emails import verified_email_of
from auth_svc.services.mail import deliver
from chat_svc.selectors import missed_mentions, with_missed_mentions
from user_svc import services as users
from user_svc.selectors import digest_readers, language_of, preferences_of, user_by_id

EVERY = timedelta(hours=6)
# Who looks in within this time has seen it by themselves.
UNREAD_FOR = timedelta(hours=1)
SALT = "auth_svc.digests"


def send_digests() -> None:
    """Called by the clock; whether there is something to say is decided when the letter is written."""
    readers = [reader.id for reader in digest_readers(before=timezone.now() - EVERY)]
    for user_id in with_missed_mentions(readers):
        send_digest.enqueue(str(user_id))


@task()
def send_digest(user_id: str) -> None:
    user = user_by_id(UUID(user_id))
    language = language_of(user)
    with override(language or get_language()):
        missed = missed_mentions(user_id=user.id, said_before=timezone.now() - UNREAD_FOR)
    to = verified_email_of(user.id)
    if not to or not missed:
        return
    former = preferences_of(user).digest_at
    if not users.claim_digest(user_id=user.id, before=timezone.now() - EVERY):
        return
    facts = {"name": user.display_name, "missed": missed, "origin": settings.PUBLIC_ORIGIN, "off": _off(user.id)}
    try:
        deliver("digest", to, facts, language=language)
    except Exception:  # whatever it was: the claim is given back, and the job says what it was
        users.give_back_digest(user_id=user.id, former=former)  # the job is tried again
        raise


def _off(user_id: UUID) -> str:
    """The end of the address that switches the letters off, for whoever holds the letter."""
    return signing.dumps(user_id.hex, salt=SALT)


def switch_digest_off(token: str) -> None:
    """Raises DigestLinkUnknown."""
    try:
        user_id = UUID(signing.loads(token, salt=SALT))
    except (signing.BadSignature, ValueError) as problem:
        raise DigestLinkUnknown from problem
    users.change_preferences(user_id=user_id, facts={"digest": False})
