"""Addresses: given, confirmed by a link in a letter, changed, taken back.

Whether an address has an account is nobody's business but its owner's. So whoever gives one is answered alike, and what
depends on it is decided in a job.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from django.core import signing
from django.db import IntegrityError, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django_tasks import task

from abdre.limits import limit
from auth_svc.errors.emails import LinkExpired
from auth_svc.errors.sessions import AccountRequired
from auth_svc.selectors.emails import holder_of
from auth_svc.selectors.sessions import network_of
from auth_svc.services.mail import URGENT, Change, deliver, may_write, tell_of_change, tell_owner_of_address
from user_svc import services as users
from user_svc.errors import EmailTaken
from user_svc.selectors import preferences_of, user_by_id

KEY_SALT = "auth_svc.verify-email"
KEY_LIFETIME = timedelta(days=3)

CHANGES_PER_PERSON = {"limit": 10, "window_s": 3600}
# Keys cannot be guessed; this is about the work.
VERIFICATIONS_PER_PREFIX = {"limit": 120, "window_s": 600}
# Of accounts of one network: who gives somebody else's address must not use up its owner's letters.
LETTERS_PER_NETWORK = {"limit": 3, "window_s": 24 * 3600}
# Whoever asks and from wherever: an address that is not theirs must not be flooded.
LETTERS_PER_ADDRESS = {"limit": 24, "window_s": 24 * 3600}


def add_pending_email(*, user_id: UUID, email: str, origin: str) -> None:
    """Note an address that the person has not shown to be theirs, and write to it. `origin`: of the letter's link."""
    pending = EmailAddress.objects.create(user_id=user_id, email=email.lower())
    write_to_pending_email.enqueue(pending.pk, origin, get_language() or "")


def change_email(*, user_id: UUID, email: str, origin: str) -> None:
    """The address is to be `email`, as soon as that is confirmed. Raises AccountRequired, TooMany."""
    if user_by_id(user_id).is_guest:
        raise AccountRequired(_("A guest has no e-mail address. Please make an account first."))
    limit("email-change", str(user_id), **CHANGES_PER_PERSON)
    # Of two presses of one wish at once the other was first, and its letter is on the way.
    with suppress(IntegrityError), transaction.atomic():
        give_up_pending_email(user_id=user_id)
        if holder_of(email) != user_id:  # else all stays as it was
            add_pending_email(user_id=user_id, email=email, origin=origin)


def give_up_pending_email(*, user_id: UUID) -> None:
    """Forget the address that waits for its confirmation, if there is one; the letter's link is dead then."""
    EmailAddress.objects.filter(user_id=user_id, verified=False).delete()


def forget_emails(*, user_id: UUID) -> None:
    """The person has none any more, and somebody else may confirm what was theirs."""
    EmailAddress.objects.filter(user_id=user_id).delete()
    users.set_email(user_id=user_id, email=None)


def resend_verification(*, user_id: UUID, origin: str) -> None:
    """Write once more to the address that waits, if there is one. Raises TooMany."""
    limit("email-change", str(user_id), **CHANGES_PER_PERSON)
    pending = EmailAddress.objects.filter(user_id=user_id, verified=False).last()
    if pending is not None:
        write_to_pending_email.enqueue(pending.pk, origin, get_language() or "")


def pending_of(*, key: str, address: str) -> EmailAddress:
    """What the letter's key would confirm, or has confirmed; looking uses nothing up. Raises LinkExpired, TooMany."""
    limit("email-verify", address, **VERIFICATIONS_PER_PREFIX)
    try:
        pending_id = signing.loads(key, salt=KEY_SALT, max_age=KEY_LIFETIME)
    except signing.BadSignature as problem:
        raise LinkExpired from problem
    pending = EmailAddress.objects.filter(pk=pending_id).first()
    if pending is None:
        raise LinkExpired
    return pending


def verify_email(*, key: str, address: str) -> str:
    """The address behind the letter's key becomes its person's; once it is, another press changes nothing.

    Raises LinkExpired, EmailTaken, TooMany.

    What was added to the account before stays, though somebody else may have done it with a stranger's address in
    hand: to end it would hit all who confirm on the phone what they began at the desk. So the page names the account
    and its other ways in before the press, and says who must not press.
    """
    pending = pending_of(key=key, address=address)
    if not pending.verified:
        _confirm_once(pending)
    return str(pending.email)


def hold_email(*, user_id: UUID, email: str) -> None:
    """As if confirmed by a letter, on the word of somebody we trust for it. Raises EmailTaken."""
    with transaction.atomic():
        if holder_of(email) != user_id:
            give_up_pending_email(user_id=user_id)
            _confirm(EmailAddress.objects.create(user_id=user_id, email=email.lower()))


def _confirm_once(pending: EmailAddress) -> None:
    """Of two presses at the same moment either has done it. Raises LinkExpired, EmailTaken."""
    try:
        _confirm(pending)
    except LinkExpired:
        if not EmailAddress.objects.filter(pk=pending.pk, verified=True).exists():
            raise


def _confirm(pending: EmailAddress) -> None:
    """The pending address becomes the only one of its person; who has confirmed it first, has it."""
    try:
        with transaction.atomic():
            others = EmailAddress.objects.filter(user_id=pending.user_id).exclude(pk=pending.pk)
            before = others.filter(verified=True).first()
            others.delete()
            fresh = EmailAddress.objects.filter(pk=pending.pk, verified=False)
            if not fresh.update(verified=True, primary=True):  # confirmed or taken back at the same moment
                raise LinkExpired
            users.set_email(user_id=pending.user_id, email=pending.email)
            if before is not None:
                tell_of_change(user_id=pending.user_id, change=Change.EMAIL, to=before.email)
    except IntegrityError as problem:
        raise EmailTaken from problem


@task(priority=URGENT)
def write_to_pending_email(pending_id: int, origin: str, language: str = "") -> None:
    """Decides what the letter says; sending is a job of its own, so that a try again counts no letter twice."""
    pending = EmailAddress.objects.filter(pk=pending_id, verified=False).first()
    if pending is None:
        return
    if holder_of(pending.email) is not None:
        tell_owner_of_address(pending.email, language=language)
    elif _may_verify(pending):
        send_verification.enqueue(pending_id, origin, language)


def _may_verify(pending: EmailAddress) -> bool:
    """A network's own count comes first: what it may not have takes nothing from the others."""
    theirs = f"{pending.email} {network_of(pending.user_id)}"
    return may_write("verification-by-network", theirs, **LETTERS_PER_NETWORK) and may_write(
        "verification", pending.email, **LETTERS_PER_ADDRESS
    )


@task(priority=URGENT)
def send_verification(pending_id: int, origin: str, language: str = "") -> None:
    pending = EmailAddress.objects.filter(pk=pending_id, verified=False).first()
    if pending is None:
        return
    user = user_by_id(pending.user_id)
    key = signing.dumps(pending.pk, salt=KEY_SALT)
    # Whoever reads it may be a stranger: no words of the account's own choice but the user name, which holds no space.
    facts = {"username": user.username, "link": f"{origin}/verify/{key}", "origin": origin}
    deliver("verification", pending.email, facts, language=preferences_of(user).language or language)
