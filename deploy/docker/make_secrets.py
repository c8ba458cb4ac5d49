"""Makes the secrets of a first start, and leaves those that are there: `python -m deploy.docker.make_secrets FOLDER`.

One folder for each circle of readers, so that a volume shows a role no more than it needs:

    gateway/    secret_key                   the gateway
    services/   secret_key, database_url     the roles with tables
    migration/  database_url                 the migrate job, whose role owns the tables
    signing/    signing.pem                  auth and oauth
    verifying/  verifying.json               every other role
    push/       push.pem                     user and the worker
    postgres/   password                     PostgreSQL
"""

import secrets
import shutil
import sys
from pathlib import Path

from abdre import keys, push_key

DATABASE = "postgresql://{role}:{password}@postgres:5432/abdre"
OWNER, SERVICES = "abdre", "abdre_services"


def make_secrets(folder: Path) -> None:
    for name in ("gateway", "services", "migration", "signing", "verifying", "push", "postgres"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name in ("gateway", "services"):
        keys.keep(folder / name / "secret_key", _new_secret)
    password = keys.keep(folder / "postgres" / "password", _new_secret)
    (folder / "postgres" / "password").chmod(0o444)  # read by PostgreSQL, which is another user
    keys.keep(folder / "migration" / "database_url", lambda: DATABASE.format(role=OWNER, password=password))
    # A role of their own, which the migrate job makes. Who has this file from before goes on as the owner of all.
    keys.keep(folder / "services" / "database_url", lambda: DATABASE.format(role=SERVICES, password=_new_secret()))
    push_key.main(str(folder / "push"))
    keys.main(str(folder / "signing"))
    shutil.move(folder / "signing" / keys.VERIFYING_FILE, folder / "verifying" / keys.VERIFYING_FILE)


def _new_secret() -> str:
    return secrets.token_urlsafe(48)


if __name__ == "__main__":
    make_secrets(Path(sys.argv[1]))
