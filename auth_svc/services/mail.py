"""Mails about somebody's account: asked for in the deed's own transaction, written and sent by a job.

A job is given ids and never secrets, since what it was given is kept for a while; and the language in which the letter
was asked for, which is taken where its reader has chosen none. `templates/mail/<name>.txt` has the
subject in its first line; `<name>.html` says the same with looks.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import models
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import lazy
from django.utils.translation import get_language, gettext, override
from django.utils.translation import gettext_lazy as _
from django_tasks import task

from abdre.device import NOWHERE, Device
from abdre.limits import count, unreadable
from auth_svc.selectors.devices import device_of
from auth_svc.selectors.emails import verified_email_of
from user_svc.selectors import preferences_of, user_by_id

# Anybody can make us write to anybody; one letter a day says it all, whoever asks from wherever.
MAILS_PER_ADDRESS = {"limit": 1, "window_s": 24 * 3600}
# Before archives and the like: somebody waits for a letter.
URGENT = 50
# Said when the letter is written, in its reader's language.
device_of_lazy = lazy(device_of, str)


class Change(models.TextChoices):
    """What a person is told when it happens to their account."""

    SIGNED_IN = "signed_in", _("Somebody logged in to your account on a new device")
    PASSWORD = "password", _("Your password was changed")
    EMAIL = "email", _("The e-mail address of your account was changed")
    TOTP_ADDED = "totp_added", _("An authenticator app was added to your account")
    TOTP_REMOVED = "totp_removed", _("The authenticator app was removed from your account")
    RECOVERY_CODES = "recovery_codes", _("New recovery codes were made for your account")
    RECOVERY_CODE_USED = "recovery_code_used", _("A recovery code of your account was used")
    PASSKEY_ADDED = "passkey_added", _("A passkey was added to your account")
    PASSKEY_REMOVED = "passkey_removed", _("A passkey was removed from your account")
    PROVIDER_LINKED = "provider_linked", _("A login elsewhere was linked to your account")
    PROVIDER_UNLINKED = "provider_unlinked", _("A login elsewhere was unlinked from your account")
    TOKEN_ADDED = "token_added", _("A personal token was made for your account")
    BOT_ADDED = "bot_added", _("A bot was made for your account")
    DEACTIVATED = "deactivated", _("Your account was deactivated")
    DELETION = "deletion", _("Your account will be deleted")
    KEPT = "kept", _("Your account will not be deleted")


def tell_of_change(*, user_id: UUID, change: Change, device: Device = NOWHERE, to: str = "") -> None:
    """Write to the person, as soon as what happened is committed; who has no verified address hears nothing.

    `to`: an address that was theirs until now.
    """
    at = timezone.now().isoformat()
    send_change.enqueue(str(user_id), change.value, device.user_agent, device.address, at, to, get_language() or "")


def tell_of_deletion(*, user_id: UUID, due_at: datetime, device: Device = NOWHERE) -> None:
    """When it will be, who asked for it, and how to keep the account."""
    language = get_language() or ""
    send_deletion.enqueue(str(user_id), due_at.isoformat(), device.user_agent, device.address, language)


def tell_of_export(*, user_id: UUID) -> None:
    send_export_ready.enqueue(str(user_id))


def tell_owner_of_address(email: str, *, language: str = "") -> None:
    """Somebody gave an address that has an account. Too often is quietly not told."""
    if may_write("address-in-use", email, **MAILS_PER_ADDRESS):
        send_address_in_use.enqueue(email, language)


def may_write(kind: str, subject: str, *, limit: int, window_s: int) -> bool:
    """Count a letter of this kind, mostly by its address; whoever asked for it hears nothing of the limit."""
    quota = count(f"mail.{kind}", unreadable(subject.casefold()), limit=limit, window_s=window_s)
    return quota is None or not quota.is_over


@task(priority=URGENT)
def send_change(user_id: str, change: str, user_agent: str, address: str, at: str, to: str, language: str = "") -> None:
    user = user_by_id(UUID(user_id))
    to = to or verified_email_of(user.id)
    if not to:
        return
    facts = {
        "name": user.display_name,
        "change": Change(change).label,
        "device": device_of_lazy(user_agent) if user_agent else "",
        "address": address,
        "at": parse_datetime(at),
    }
    deliver("security_change", to, facts, language=preferences_of(user).language or language)


@task(priority=URGENT)
def send_deletion(user_id: str, due_at: str, user_agent: str = "", address: str = "", language: str = "") -> None:
    user = user_by_id(UUID(user_id))
    to = verified_email_of(user.id)
    if to and user.deletion_due_at:
        facts = {
            "name": user.display_name,
            "change": Change.DELETION.label,
            "due_at": parse_datetime(due_at),
            "device": device_of_lazy(user_agent) if user_agent else "",
            "address": address,
        }
        deliver("deletion", to, facts, language=preferences_of(user).language or language)


@task(priority=URGENT)
def send_export_ready(user_id: str) -> None:
    user = user_by_id(UUID(user_id))
    if to := verified_email_of(user.id):
        # Without an origin in the settings nobody knows here under which address the person sees us.
        link = f"{settings.PUBLIC_ORIGIN}/security/data" if settings.PUBLIC_ORIGIN else ""
        facts = {"name": user.display_name, "link": link}
        deliver("export_ready", to, facts, language=preferences_of(user).language)


@task(priority=URGENT)
def send_address_in_use(email: str, language: str = "") -> None:
    deliver("address_in_use", email, {}, language=language)


def deliver(name: str, to: str, facts: dict[str, Any], *, language: str = "") -> None:
    """Write the letter `name` and hand it to the mail server. For jobs alone: it may take long, and raise.

    `language`: the reader's; empty where nobody knows it.
    """
    with override(language or get_language()):
        _deliver(name, to, facts)


def _deliver(name: str, to: str, facts: dict[str, Any]) -> None:
    text = render_to_string(f"mail/{name}.txt", facts)
    subject, _newline, body = text.partition("\n")
    sender = _sender()
    html = render_to_string(f"mail/{name}.html", {**facts, "subject": subject.strip(), "sender": sender})
    with get_connection() as line:  # which is closed also where it could not be opened to the end
        letter = EmailMultiAlternatives(subject.strip(), f"{body.strip()}\n\n{sender}\n", None, [to], connection=line)
        letter.attach_alternative(html, "text/html")
        letter.send()


def _sender() -> str:
    """With the house's name, by which somebody with accounts in several knows which one writes."""
    house = urlsplit(settings.PUBLIC_ORIGIN).netloc
    return gettext("ABDRE Chat on %(house)s") % {"house": house} if house else "ABDRE Chat"
