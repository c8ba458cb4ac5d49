#!/usr/bin/env python
"""Django's command line; without `DJANGO_SETTINGS_MODULE` it speaks for the all-in-one."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "abdre.settings.all_in_one")
    if sys.argv[1:2] == ["doctor"]:
        from abdre.doctor.start import examine_settings

        examine_settings(sys.argv[2:])
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
