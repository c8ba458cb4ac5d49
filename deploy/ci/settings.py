"""What Django can say about one settings module: `check --deploy` is clean, and no migration was forgotten."""

import sys

import django
from django.conf import settings
from django.core.management import CommandError, call_command


def main() -> int:
    django.setup()
    try:
        call_command("check", deploy=True, fail_level="WARNING")
        if settings.HAS_DATABASE:
            call_command("makemigrations", check=True, dry_run=True)
    except CommandError as problem:
        print(problem)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
