"""PostgreSQL by its address, as libpq reads it: several hosts, and libpq's own options."""

from typing import Any

import psycopg
from psycopg import conninfo

SCHEMES = ("postgresql://", "postgres://")
SIGNS = "in a password %, @, /, ?, # and a space are written %25, %40, %2F, %3F, %23 and %20"
# One stuck transaction must not stop everybody who needs the same row, nor stay for ever. And what runs for
# milliseconds is not compiled first: that takes longer than it does.
SESSION = {"lock_timeout": "5s", "idle_in_transaction_session_timeout": "30s", "jit": "off"}
# A host that is gone without a word would else be waited for by minutes; libpq asks the next one after it.
GONE = {
    "connect_timeout": "3",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
}


def read(url: str, *, of_several: str = "read-write") -> dict[str, Any]:
    """`of_several`: which of several hosts is meant where the address does not say. Raises ValueError."""
    try:
        options = conninfo.conninfo_to_dict(url)
    except psycopg.Error:
        # libpq's own words quote what it does not understand: most often the password.
        raise ValueError(f"libpq does not understand it, or does not know one of its options; {SIGNS}") from None
    facts = {name: str(options.pop(key, "")) for name, key in NAMES.items()}
    if not facts["NAME"]:
        raise ValueError("the database's name is missing")
    if not all(port.isdecimal() for port in facts["PORT"].split(",") if port):
        raise ValueError("a port is a number")
    if "," in facts["HOST"]:
        options.setdefault("target_session_attrs", of_several)
    return {"ENGINE": "abdre.postgresql", **facts, "OPTIONS": options}


NAMES = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}


def pooled(config: dict[str, Any], *, most: int, is_bounced: bool, wait_s: int = 3) -> dict[str, Any]:
    """With psycopg's pool, which stays at its cap; CONN_MAX_AGE under ASGI leaks a connection per thread."""
    own = config["OPTIONS"].get("options", "")
    session = " ".join(f"-c {name}={value}" for name, value in SESSION.items())
    # PgBouncer knows no such words: what they say belongs to the role then (`grant_app_role`).
    options = {} if is_bounced else {"options": f"{session} {own}".strip()}
    pool = {
        "min_size": 1,
        "max_size": most,
        # Else it would look for a server that is away less and less often, up to minutes apart; so whoever asks looks.
        "reconnect_timeout": 2,
        "timeout": wait_s,  # who cannot be served soon is told to come again, instead of waiting in a heap
    }
    return {
        **config,
        "CONN_MAX_AGE": 0,
        # One round trip when a connection is taken out; without it each pooled one fails once after a restart.
        "CONN_HEALTH_CHECKS": True,
        # A cursor on the server lives longer than a transaction, and behind PgBouncer no connection does.
        "DISABLE_SERVER_SIDE_CURSORS": is_bounced,
        "OPTIONS": {**GONE, **config["OPTIONS"], **options, "pool": pool},
    }
