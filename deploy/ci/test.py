"""The whole proof: the checks, then every test in every surroundings; ends with the tally.

With an app's name: the checks, and the tests of that app alone.
"""

import sys
import time

from deploy.ci.check import run_checks
from deploy.ci.jobs import ROOT, Job, Runner, by_last_line, by_node, by_pytest

APPS = ["abdre", "user_svc", "chat_svc", "auth_svc", "oauth_svc", "realtime_svc", "gateway_svc"]
LONGEST_FIRST = ["realtime_svc", "chat_svc", "auth_svc", "abdre", "gateway_svc", "oauth_svc", "user_svc"]


def pytest(name: str, *arguments: str) -> Job:
    return Job(name, [sys.executable, "-m", "pytest", "-q", "--no-header", "--tb=short", *arguments], count=by_pytest)


def suites() -> list[Job]:
    """Every app in one process on SQLite, and each under its own settings on PostgreSQL and Redis.

    What looks the same on both is tried once: the gateway has no database, and most of the kernel asks none.
    """
    on_sqlite = [app for app in APPS if app != "gateway_svc"]
    return [pytest("all apps on SQLite", "--on", "sqlite", *on_sqlite), *(_own(app) for app in LONGEST_FIRST)]


def _own(app: str) -> Job:
    narrowed = ["-m", "postgres or django_db"] if app == "abdre" else []
    return pytest(f"{app} on PostgreSQL", "--on", "postgres", f"--ds={settings_of(app)}", *narrowed, app)


def settings_of(app: str) -> str:
    return "abdre.settings.all_in_one" if app == "abdre" else f"{app}.settings"


def javascript() -> list[Job]:
    files = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "deploy/tests/js").glob("**/*.test.js"))
    return [Job("JavaScript", ["node", "--test", *files], count=by_node)]


def bench() -> list[Job]:
    """What the bench computes from its figures; the figures themselves are not for here."""
    return [pytest("the bench's arithmetic", "-p", "no:django", "deploy/bench/tests")]


def running() -> list[Job]:
    """Against real processes: over HTTP and sockets, and in real browsers; in every mode. The longest first."""
    return [
        against("split", "browser", *WITHOUT_SPEED),
        against("split", "system"),
        against("all-in-one", "browser", *WITHOUT_SPEED),
        against("all-in-one", "system"),
        against("daphne", "system"),
    ]


def images() -> list[Job]:
    """The composition on an engine of its own; where none can run, the part says so and proves nothing."""
    return [Job("images and compose", ["deploy/ci/images", "--short", "--if-possible"], count=by_last_line)]


def speed() -> list[Job]:
    """Figures mean something only while nothing else runs."""
    return [against(mode, "browser/test_speed.py") for mode in ("split", "all-in-one")]


WITHOUT_SPEED = ["--ignore", "deploy/tests/browser/test_speed.py"]


def in_order() -> list[Job]:
    """The longest first and short ones last, so that nobody works alone at the end; browsers beside no browsers."""
    (on_sqlite, *on_postgres), (in_browsers, *others) = suites(), running()
    return [in_browsers, *images(), on_sqlite, *others, *on_postgres, *javascript(), *bench()]


def against(mode: str, what: str, *arguments: str) -> Job:
    return pytest(f"{what}, {mode}", "-p", "no:django", "--mode", mode, f"deploy/tests/{what}", *arguments)


def of_one(app: str) -> list[Job]:
    on_sqlite = [] if app == "gateway_svc" else [pytest(f"{app} on SQLite", "--on", "sqlite", app)]
    return [*on_sqlite, _own(app)]


def main() -> int:
    began = time.monotonic()
    runner = Runner()
    run_checks(runner)
    if len(sys.argv) > 1:
        runner.run(of_one(sys.argv[1]))
    else:
        runner.run(in_order())
        runner.run(speed(), at_once=1)
    took = time.monotonic() - began
    print(f"\nall parts together: {took:.0f} s")
    if runner.broken:
        print(f"failed: {', '.join(runner.broken)}")
    print(runner.total)
    return 1 if runner.total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
