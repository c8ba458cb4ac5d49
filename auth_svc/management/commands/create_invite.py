"""`manage.py create_invite`: a code into a chat, drawn in the terminal, for who cannot open the pages right now."""

import re
from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import CommandError

from abdre.announcement import drawn_code
from abdre.errors import AppError
from abdre.management.operator import OperatorCommand
from abdre.origin import lan_address
from auth_svc.selectors.invitations import join_link
from auth_svc.services import Options, create_invitation
from user_svc.selectors import user_by_login

HELP = """\
Make an invitation as one of the people of this house, and print its link. The person must be allowed to invite there,
and sees the code among their own; it can be taken back on the pages.

  manage.py create_invite --as ada --qr                        into a direct chat with ada
  manage.py create_invite --as ada --chat ID --uses 30 --lifetime 2h --qr

Run it as auth or the all-in-one: --settings=auth_svc.settings.
Exit codes: 0 made, 1 refused, in words, 2 wrong arguments.
"""
UNITS = {"m": "minutes", "h": "hours", "d": "days"}
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=7)


def lifetime(text: str) -> timedelta | None:
    """`15m`, `2h`, `7d`; `ever`: until it is taken back."""
    if text == "ever":
        return None
    read = re.fullmatch(r"(\d{1,5})([mhd])", text)
    told = timedelta(**{UNITS[read[2]]: int(read[1])}) if read else timedelta()
    if not SHORTEST <= told <= LONGEST:
        raise ArgumentTypeError("must be like 15m, 2h or 7d, from a minute to a week, or `ever`")
    return told


def uses(text: str) -> int | None:
    """A number, or `any`."""
    if text == "any":
        return None
    if not re.fullmatch(r"[1-9]\d{0,3}", text):
        raise ArgumentTypeError("must be a number from 1 on, or `any`")
    return int(text)


class Command(OperatorCommand):
    help = HELP

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as", dest="host", required=True, metavar="LOGIN", help="user name or e-mail address")
        parser.add_argument("--chat", type=UUID, metavar="ID", help="default: a direct chat with that person")
        parser.add_argument("--uses", type=uses, default=1, help="how many may come; `any`: no limit; default 1")
        parser.add_argument("--lifetime", type=lifetime, default="15m", help="15m, 2h, 7d, or `ever`; default 15m")
        parser.add_argument("--members-only", action="store_true", help="only people with an account come in")
        parser.add_argument("--label", default="", help="what its host knows it by")
        parser.add_argument("--qr", action="store_true", help="draw the code for a phone's camera")

    def handle(self, *args: Any, **options: Any) -> None:
        host = user_by_login(options["host"])
        if host is None:
            raise CommandError(f"Nobody here logs in as {options['host']}.")
        wanted = Options(
            ttl=options["lifetime"],
            max_uses=options["uses"],
            guests=not options["members_only"],
            label=options["label"],
        )
        try:
            invitation = create_invitation(host_id=host.id, chat_id=options["chat"], options=wanted)
        except AppError as refusal:
            raise CommandError(refusal.text) from refusal
        link = join_link(invitation, origin=origin())
        if options["qr"]:
            self.stdout.write(drawn_code(link))
        self.stdout.write(link)
        ends = f"{invitation.expires_at:%Y-%m-%d %H:%M:%S} UTC" if invitation.expires_at else "when it is taken back"
        self.stdout.write(f"for {invitation.max_uses or 'any number of'} people; ends {ends}")


def origin() -> str:
    """Where phones reach this house."""
    if settings.PUBLIC_ORIGIN:
        return str(settings.PUBLIC_ORIGIN)
    if settings.ROLE != "all-in-one":
        raise CommandError("Set ABDRE_PUBLIC_ORIGIN: nobody has opened a page here that could say where we are.")
    return f"http://{lan_address() or 'localhost'}:{settings.PORT}"
