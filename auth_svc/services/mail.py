"""Mails about somebody's account."""

import hashlib
import logging
from smtplib import SMTPException
from threading import Thread

from django.core.mail import send_mail
from django.db import transaction
from django.utils.translation import gettext as _

from abdre.limits import count

log = logging.getLogger(__name__)


# Anybody can make us write to anybody; one letter a day says it all, whoever asks from wherever.
MAILS_PER_ADDRESS = {"limit": 1, "window_s": 24 * 3600}


def tell_owner_of_address(email: str) -> None:
    """Somebody tried to register with an address that has an account. Too often is quietly not told."""
    quota = count("mail.address-in-use", _digest(email), **MAILS_PER_ADDRESS)
    if quota is not None and quota.is_over:
        return
    _send_later(
        email,
        _("Somebody wanted to register with your e-mail address"),
        _(
            "Somebody registered and gave this e-mail address, which belongs to your account. "
            "The new account did not get it. If it was you, sign in to the account you have; "
            "if not, there is nothing to do."
        ),
    )


def _digest(email: str) -> str:
    """Addresses stand in no key of the store."""
    return hashlib.sha256(email.casefold().encode()).hexdigest()


def _send_later(email: str, subject: str, text: str) -> None:
    """After the commit and on a thread of its own: the answer must not come later because a mail is sent."""
    thread = Thread(target=_send, args=(email, subject, text), name="mail", daemon=True)
    transaction.on_commit(thread.start, robust=True)


def _send(email: str, subject: str, text: str) -> None:
    try:
        send_mail(subject, text, None, [email])
    except (SMTPException, OSError):
        log.exception("mail not sent")
