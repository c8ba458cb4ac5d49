"""`manage.py grant_app_role`, after `migrate`: the services' role uses rows, owns nothing, and rewrites no log."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from psycopg import sql

from abdre.checks import may_rewrite
from abdre.settings.postgres import SESSION

MAKE = "CREATE ROLE {role} LOGIN PASSWORD {password}"
GRANTS = (
    "GRANT USAGE ON SCHEMA {schema} TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
    # And on what a later `migrate` makes, before this is run again.
    "ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT USAGE, SELECT ON SEQUENCES TO {role}",
    "REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}",
)
ONLY_GROWS = "REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {role}"


class Command(BaseCommand):
    help = "Let the role of DATABASE_URL use the tables that that of ABDRE_MIGRATION_DATABASE_URL owns. PostgreSQL."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.OWNS_TABLES or settings.SERVICES_DATABASE["USER"] == connection.settings_dict["USER"]:
            self.stdout.write("ABDRE_MIGRATION_DATABASE_URL names no role of its own: the services own the tables.")
            if settings.DATABASE_PGBOUNCER:
                _set(connection.settings_dict["USER"], SESSION)
            return
        if connection.vendor != "postgresql":
            raise CommandError("Only PostgreSQL has roles.")
        role, password = settings.SERVICES_DATABASE["USER"], settings.SERVICES_DATABASE["PASSWORD"]
        with transaction.atomic():
            _grant(role, password)
            if settings.DATABASE_PGBOUNCER:
                _set(role, SESSION)
            if rewritten := [table for table in settings.ONLY_GROWING_TABLES if may_rewrite(table, role)]:
                raise CommandError(
                    f"{role} can rewrite {', '.join(rewritten)}: it must neither own that nor be a superuser."
                )
        self.stdout.write(f"{role} may use the tables.")


def _grant(role: str, password: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema(), EXISTS (SELECT 1 FROM pg_roles WHERE rolname = %s)", [role])
        schema, is_there = cursor.fetchone()
        names = {"role": sql.Identifier(role), "schema": sql.Identifier(schema), "password": sql.Literal(password)}
        for statement in [*([] if is_there else [MAKE]), *GRANTS]:
            cursor.execute(sql.SQL(statement).format(**names))
        for table in settings.ONLY_GROWING_TABLES:
            cursor.execute(sql.SQL(ONLY_GROWS).format(table=sql.Identifier(table), **names))


def _set(role: str, session: Mapping[str, str]) -> None:
    """What each connection says of itself where it can: not through PgBouncer."""
    statement = sql.SQL("ALTER ROLE {} SET {} = {}")
    with connection.cursor() as cursor:
        for name, value in session.items():
            cursor.execute(statement.format(sql.Identifier(role), sql.Identifier(name), sql.Literal(value)))
