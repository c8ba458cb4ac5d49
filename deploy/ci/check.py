"""Everything that can be said about the code without running its tests: `python -m deploy.ci.check`."""

import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.ci.jobs import ROOT, Job, Runner, by_pytest
from deploy.ci.servers import Postgres, make_keys

BIN = Path(sys.executable).parent
ALL_IN_ONE = "abdre.settings.all_in_one"
WORKER = "abdre.settings.worker"
FOR_MIGRATIONS = "migrations"
ROLES = ["gateway_svc", "auth_svc", "user_svc", "oauth_svc", "chat_svc", "realtime_svc"]


def static_jobs() -> list[Job]:
    return [
        Job("mypy", [str(BIN / "mypy")]),
        Job("ruff format", [str(BIN / "ruff"), "format", "--check", "."]),
        Job("ruff check", [str(BIN / "ruff"), "check", "."]),
        Job("import-linter", [str(BIN / "lint-imports")]),
        Job("docs", [sys.executable, "-m", "deploy.ci.docs"]),
        Job("workflows", [sys.executable, "-m", "deploy.ci.workflows"]),
        Job("JavaScript's types", ["node_modules/.bin/tsc", "--project", "deploy/ci/tsconfig.json"]),
    ]


def django_jobs(production: dict[str, str]) -> list[Job]:
    """Under each settings module as in production: the deployment's checks, and no migration forgotten."""
    roles = [ALL_IN_ONE, WORKER, *(f"{role}.settings" for role in ROLES)]
    command = [sys.executable, "-m", "deploy.ci.settings"]
    return [Job(settings, command, {**production, "DJANGO_SETTINGS_MODULE": settings}) for settings in roles]


def schema_job(production: dict[str, str]) -> Job:
    """The API's schema, of all services at once."""
    environment = {**production, "DJANGO_SETTINGS_MODULE": ALL_IN_ONE}
    return Job("the API's schema", [sys.executable, "-m", "deploy.ci.schema"], environment)


def migrations_job(production: dict[str, str]) -> Job:
    """Those since the last release, tried in a database of their own."""
    own = production["DATABASE_URL"].rpartition("/")[0] + f"/{FOR_MIGRATIONS}"
    environment = {**production, "DATABASE_URL": own, "DJANGO_SETTINGS_MODULE": ALL_IN_ONE}
    return Job("migrations", [sys.executable, "-m", "deploy.ci.migrations"], environment)


def manifest_jobs() -> list[Job]:
    """The manifests, rendered and checked."""
    render = ROOT / "deploy/ci/render"
    return [Job("manifests", [str(render)])] if render.exists() else []


def observability_job() -> Job:
    """Alerts, dashboards and runbooks, against what is counted."""
    tests = ["-m", "pytest", "-q", "--no-header", "-p", "no:django", "deploy/tests/observability"]
    return Job("alerts and dashboards", [sys.executable, *tests], count=by_pytest)


@contextmanager
def production() -> Iterator[dict[str, str]]:
    """The settings of a real deployment; its database is empty and is not written to."""
    with tempfile.TemporaryDirectory(prefix="abdre-check-") as folder, Postgres() as postgres:
        postgres.create_database(FOR_MIGRATIONS)
        yield {
            "DATABASE_URL": postgres.url(),
            "REDIS_URL": "redis://127.0.0.1:6379/0",
            "SECRET_KEY": secrets.token_urlsafe(48),
            "ABDRE_DATA_DIR": folder,
            "ABDRE_PUBLIC_ORIGIN": "https://chat.example.org",
            "EMAIL_HOST": "smtp.example.org",
            **make_keys(Path(folder)),
        }


def run_checks(runner: Runner) -> None:
    with production() as environment:
        ours = [observability_job(), schema_job(environment), migrations_job(environment)]
        runner.run([*manifest_jobs(), *static_jobs(), *django_jobs(environment), *ours])


def main() -> int:
    began = time.monotonic()
    runner = Runner()
    run_checks(runner)
    print(f"{time.monotonic() - began:.0f} s" + (f"; failed: {', '.join(runner.broken)}" if runner.broken else ""))
    print(runner.total)
    return 1 if runner.total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
