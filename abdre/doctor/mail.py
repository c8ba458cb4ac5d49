"""The mail server: does it answer, by TLS, and let us in?"""

from collections.abc import Iterator
from smtplib import SMTPAuthenticationError, SMTPException, SMTPNotSupportedError

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from abdre.doctor.findings import Finding

CHECK = "mail"


def look(send_to: str = "") -> Iterator[Finding]:
    if not settings.EMAIL_BACKEND.endswith(".smtp.EmailBackend"):
        yield from _elsewhere(send_to)
        return
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        with get_connection() as connection:
            if send_to:
                EmailMessage("ABDRE Chat", "Letters arrive.", to=[send_to], connection=connection).send()
    except SMTPAuthenticationError as problem:
        what = f"{where} does not know us: {problem.smtp_code}"
        yield Finding(CHECK, "wrong", what, "Put EMAIL_HOST_USER and EMAIL_HOST_PASSWORD right")
    except SMTPNotSupportedError as problem:
        do = "Use a port that offers STARTTLS, or EMAIL_USE_SSL; never send passwords in the open"
        yield Finding(CHECK, "wrong", f"{where}: {problem}", do)
    except (SMTPException, OSError) as problem:
        yield Finding(CHECK, "wrong", f"{where} takes no letter: {problem}", "Put EMAIL_HOST and EMAIL_PORT right")


def _elsewhere(send_to: str) -> Iterator[Finding]:
    if send_to:
        yield Finding(CHECK, "wrong", "There is no mail server to send by", "Set EMAIL_HOST")
