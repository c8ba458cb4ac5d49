"""`/livez` (the process runs) and `/readyz` (what this role needs is there, by name)."""

from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.urls import path
from psycopg_pool import PoolTimeout

from abdre import metrics, service_client, stopping
from abdre.store import StoreAway, store

_migrated = False


def livez(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """200 when everything this role needs answers, else 503; `checks` names each need and what it lacks.

    `upstreams` shows the breakers before the services that this process has asked. They are not its needs: a door that
    closed because a room behind it burns would close all the others.
    """
    if stopping.is_stopping():
        return JsonResponse({"status": "stopping"}, status=503)
    results = checks()
    ready = all(result == "ok" for result in results.values())
    answer = {"status": "ok" if ready else "not ready", "checks": results, "upstreams": service_client.states()}
    return JsonResponse(answer, status=200 if ready else 503)


def checks() -> dict[str, str]:
    """What this role needs, and of each "ok" or what it lacks."""
    results = {name: check() for name, check in _needs().items()}
    for name, result in results.items():
        metrics.READY.set(result == "ok", name)
    return results


def _needs() -> dict[str, Callable[[], str]]:
    needs: dict[str, Callable[[], str]] = {"keys": lambda: "ok"}  # a role without its keys does not start at all
    if settings.HAS_DATABASE:
        needs |= {"database": _database, "migrations": _migrations}
    if settings.REDIS_URL:
        needs["redis"] = _redis
    return needs


def _database() -> str:
    """A server that only reads, as a replica does, and one that was a primary, is not what a role needs."""
    question = "SHOW transaction_read_only" if connection.vendor == "postgresql" else "SELECT 'off'"
    try:
        with connection.cursor() as cursor:
            cursor.execute(question)
            is_writable = cursor.fetchone() == ("off",)
    except (DatabaseError, PoolTimeout) as problem:
        who = "no primary among its hosts answers" if "," in connection.settings_dict["HOST"] else "no answer"
        return f"DATABASE_URL: {who} ({type(problem).__name__})"
    return "ok" if is_writable else "DATABASE_URL: it only reads; a primary is needed"


def _migrations() -> str:
    global _migrated
    if _migrated:
        return "ok"
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except (DatabaseError, PoolTimeout):
        return "unknown"
    _migrated = not pending
    return "ok" if _migrated else f"{len(pending)} to apply: manage.py migrate"


def _redis() -> str:
    try:
        store.ping()
    except StoreAway:
        return "REDIS_URL: no answer"
    return "ok"


urlpatterns = [path("livez", livez), path("readyz", readyz)]
# Where a role serves nothing else.
handler400 = "abdre.errors.json_bad_request"
handler404 = "abdre.errors.json_not_found"
handler500 = "abdre.errors.json_server_error"
