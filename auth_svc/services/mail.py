"""Mails about somebody's account."""

import logging
from smtplib import SMTPException
from threading import Thread

from django.core.mail import send_mail
from django.db import transaction
from django.utils.translation import gettext as _

log = logging.getLogger(__name__)


def tell_owner_of_address(email: str) -> None:
    """Somebody tried to register with an address that has an account."""
    _send_later(
        email,
        _("Somebody wanted to register with your e-mail address"),
        _(
            "Somebody registered and gave this e-mail address, which belongs to your account. "
            "The new account did not get it. If it was you, sign in to the account you have; "
            "if not, there is nothing to do."
        ),
    )


def _send_later(email: str, subject: str, text: str) -> None:
    """After the commit and on a thread of its own: the answer must not come later because a mail is sent."""
    thread = Thread(target=_send, args=(email, subject, text), name="mail", daemon=True)
    transaction.on_commit(thread.start, robust=True)


def _send(email: str, subject: str, text: str) -> None:
    try:
        send_mail(subject, text, None, [email])
    except (SMTPException, OSError):
        log.exception("mail not sent")
