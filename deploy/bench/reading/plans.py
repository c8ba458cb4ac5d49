"""How PostgreSQL goes about it: the plans of the statements that read many rows."""

import re

from deploy.bench.reading.asked import EVERYWHERE, MEMBER
from deploy.bench.reading.ground import Ground

# What is explained, and by what its statement is known.
SHOWN = (
    ("Search for a word that nobody says, in 200 chats", MEMBER, "/api/chats/search?q=насекомое", "searchblock"),
    ("Search for a frequent word, in 200 chats", MEMBER, "/api/chats/search?q=завтра", "searchblock"),
    ("What no block holds yet, of 200 chats", MEMBER, "/api/chats/search?q=насекомое", "BETWEEN asked.first"),
    ("The first page of 1,000 chats", EVERYWHERE, "/api/chats", "last_message_at"),
)
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
            cursor.execute("EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) " + statement.replace("%", "%%"), [])
            lines = [ARRAY.sub("'{…}'", line) for (line,) in cursor.fetchall()]
        parts.append(f"{title}:\n\n" + "\n".join(f"    {line}" for line in lines))
    return "\n\n".join(parts)
