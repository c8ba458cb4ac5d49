"""`manage.py doctor`: what is wrong with this role's surroundings, and what to do about it."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings

from abdre.doctor.looking import all_looks, found
from abdre.doctor.start import as_rows
from abdre.management.operator import OperatorCommand

HELP = """\
Look at everything that this role needs, and say in one line each what is wrong and what to do: variables that nobody
reads, the database and its role's rights, migrations, the replica, Redis, keys, clocks, the place for files, the mail
server, the public address, and, as the gateway, the services behind it. Changes nothing.

Run it in the surroundings of each role: in its container, or with --settings=chat_svc.settings. It also says which
variable is wrong where the role does not start at all.

  manage.py doctor
  manage.py doctor --send-to you@example.org     as the worker or the all-in-one: send a letter too
  manage.py doctor --json                        for programs: role, looked_at, found (check, level, what, do)

Exit codes: 0 nothing is wrong (there may be notes), 1 something is, 2 wrong arguments.
"""


class Command(OperatorCommand):
    help = HELP

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="for programs")
        parser.add_argument("--send-to", default="", metavar="ADDRESS", help="send a letter there")

    def handle(self, *args: Any, **options: Any) -> None:
        looks = all_looks(send_to=options["send_to"])
        findings = list(found(looks))
        if options["json"]:
            told = {"role": settings.ROLE, "looked_at": list(looks), "found": as_rows(findings)}
            self.stdout.write(json.dumps(told, indent=1, ensure_ascii=False))
        else:
            for finding in findings:
                self.stdout.write(str(finding))
            if self.stdout.isatty():
                self.stdout.write(f"{settings.ROLE}: looked at {', '.join(looks)}; {len(findings)} found")
        if any(finding.level == "wrong" for finding in findings):
            sys.exit(1)
