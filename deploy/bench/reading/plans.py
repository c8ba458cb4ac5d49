"""How PostgreSQL goes about it: the plans of the statements that read many rows."""

import re
from typing import Any

from deploy.bench.reading.asked import EVERYWHERE, MEMBER
from deploy.bench.reading.ground import Ground

# What is explained, and by what its statement is known.
SHOWN = (
    ("Search for a word that nobody says, in 200 chats", MEMBER, "/api/chats/search?q=насекомое", "searchblock"),
    ("Search for a frequent word, in 200 chats", MEMBER, "/api/chats/search?q=завтра", "searchblock"),
    ("What no block holds yet, of 200 chats", MEMBER, "/api/chats/search?q=насекомое", "BETWEEN asked.first"),
    ("The first page of 1,000 chats", EVERYWHERE, "/api/chats", "last_message_at"),
)
TRIES = 9  # the quickest is shown: nothing else of the machine is in it
ARRAY = re.compile(r"'\{[^}]{60,}\}'|ARRAY\[[^\]]{60,}\]")


def plans(ground: Ground) -> str:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    parts = []
    for title, login, address, known_by in SHOWN:
        with CaptureQueriesContext(connection) as queries:
            ground.ask(login, address)
        statement = next(query["sql"] for query in queries if known_by in query["sql"])
        with connection.cursor() as cursor:
            lines = min((_explained(cursor, statement) for _ in range(TRIES)), key=_took_ms)
        parts.append(f"{title}:\n\n" + "\n".join(f"    {line}" for line in lines))
    return "\n\n".join(parts)


def _explained(cursor: Any, statement: str) -> list[str]:
    cursor.execute("EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) " + statement.replace("%", "%%"), [])
    return [ARRAY.sub("'{…}'", line) for (line,) in cursor.fetchall()]


def _took_ms(lines: list[str]) -> float:
    return float(lines[-1].split()[-2])
