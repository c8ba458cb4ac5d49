"""Which chats have moved: asked every second by whoever shows them, so what has not moved costs next to nothing."""

import json
from collections.abc import Mapping

from django.db import connection

POSTGRESQL = """
SELECT known.id::text, chat.version
FROM unnest(%s::uuid[], %s::bigint[]) AS known(id, version)
LEFT JOIN chat_svc_chat chat ON chat.id = known.id
WHERE chat.version IS DISTINCT FROM known.version
"""
SQLITE = """
SELECT json_extract(known.value, '$[1]'), chat.version
FROM json_each(%s) AS known
LEFT JOIN chat_svc_chat chat ON chat.id = json_extract(known.value, '$[0]')
WHERE chat.version IS NOT json_extract(known.value, '$[2]')
"""


def moved_heads(known: Mapping[str, int]) -> dict[str, int | None]:
    """Of these chats, by their ids as texts, those whose version is another; None if there is no such chat (any more).

    Texts in and out, because ids in Python's own shape would be most of the work.
    """
    if not known:
        return {}
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(POSTGRESQL, [f"{{{','.join(known)}}}", f"{{{','.join(map(str, known.values()))}}}"])
        else:
            rows = [(chat_id.replace("-", ""), chat_id, version) for chat_id, version in known.items()]
            cursor.execute(SQLITE, [json.dumps(rows)])
        return dict(cursor.fetchall())
