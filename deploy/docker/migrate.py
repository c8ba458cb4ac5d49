"""A release's schema, and the services' right to use it: `python -m deploy.docker.migrate [OPTION...]`.

One process, so that it hears SIGTERM: a shell as a container's first process passes no signal on.
"""

import signal
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    # As with Ctrl-C: what is under way is rolled back. Left alone, a container's first process ignores SIGTERM.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        execute_from_command_line(["manage.py", "migrate", "--no-input", *sys.argv[1:]])
        execute_from_command_line(["manage.py", "grant_app_role"])
    except KeyboardInterrupt:
        sys.exit(130)
