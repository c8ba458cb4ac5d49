"""The statement behind a resume, in each database's spelling: what is newer than many cursors, as four kinds of rows.

Parameters: `asked` (SQLite, JSON) or `asks`, `readers`, `chats`, `cursors` (PostgreSQL, arrays), `chat_limit`,
`call_limit`, `era`, `now`. The columns are those of `resuming.Row`.
"""

# A version belongs to one row at most, so no chat has more news than versions since the cursor. Only where that is too
# much the rows are counted, as far as the limit: many changes of few messages are few news.
SIZE = """
    CASE WHEN head IS NULL OR head < since THEN NULL  -- not theirs, or from the future
        WHEN head / %(era)s <> since / %(era)s THEN NULL  -- or from before a backup was restored
        WHEN head - since <= %(chat_limit)s AND
            sum(CASE WHEN head > since THEN head - since ELSE 0 END) OVER (PARTITION BY ask) <= %(call_limit)s
            THEN head - since
        ELSE (SELECT count(*) FROM (
                SELECT 1 FROM chat_svc_message message
                WHERE message.chat_id = moved.chat_id AND message.version > moved.since LIMIT %(chat_limit)s + 1
            ) AS newer)
            + (SELECT count(*) FROM (
                SELECT 1 FROM chat_svc_membership membership
                WHERE membership.chat_id = moved.chat_id AND membership.version > moved.since LIMIT %(chat_limit)s + 1
            ) AS newer)
            + CASE WHEN own_version > since THEN 1 ELSE 0 END
    END
"""

# What else a chat's own row says to its members, by the names of the columns.
RULES = (
    "topic",
    "picture",
    "slow_mode_s",
    "announcement_only",
    "guest_links",
    "guest_files",
    "is_public",
    "guests_may_join",
    "history_for_newcomers",
    "keeps_days",
    "pruned_below",
)
RULES_OF_CHAT = ", ".join(f"'{name}', chat.{name}" for name in RULES)

STATEMENT = """
WITH asked AS (
    {asked}
), moved AS (
    SELECT asked.place, asked.ask, asked.chat_id, asked.since, chat.version AS head, chat.own_version,
        -- of the hub's, which tells all in the chat the same: what nobody in it is kept from
        CASE WHEN asked.user_id IS NULL THEN chat.hidden_below
            WHEN membership.cleared_seq >= membership.visible_from_seq THEN membership.cleared_seq + 1
            ELSE membership.visible_from_seq END AS readable_from
    FROM asked
    LEFT JOIN chat_svc_membership membership
        ON membership.chat_id = asked.chat_id AND membership.user_id = asked.user_id AND membership.state = 'active'
    LEFT JOIN chat_svc_chat chat ON chat.id = asked.chat_id
        AND (asked.user_id IS NULL OR membership.id IS NOT NULL)
        AND (chat.expires_at IS NULL OR chat.expires_at > %(now)s)
    WHERE chat.id IS NULL OR chat.version <> asked.since
), sized AS (
    SELECT place, ask, chat_id, since, head, readable_from, {size} AS size FROM moved
), fitted AS (
    SELECT ask, chat_id, since, head, readable_from,
        coalesce(size <= %(chat_limit)s AND
            sum(CASE WHEN size <= %(chat_limit)s THEN size ELSE 0 END) OVER (PARTITION BY ask ORDER BY place)
            <= %(call_limit)s, 1 = 0) AS fits
    FROM sized
), reading AS (
    SELECT DISTINCT chat_id, since, head, readable_from FROM fitted WHERE fits
)
SELECT 'message', CAST(NULL AS int), reading.chat_id, reading.since, reading.head, reading.readable_from, 1 = 1,
    message.version, message.seq, message.reply_to, message.client_id,
    sender.id, sender.display_name, sender.is_guest, sender.is_bot, sender.picture,
    message.body, message.kind, CAST(NULL AS varchar(10)),
    message.created_at, message.edited_at, message.deleted_at, CAST(NULL AS timestamp with time zone),
    message.extras
FROM reading
{messages}
JOIN user_svc_user sender ON sender.id = message.sender_id
UNION ALL
SELECT 'membership', NULL, reading.chat_id, reading.since, reading.head, reading.readable_from, 1 = 1,
    membership.version, NULL, NULL, NULL,
    person.id, person.display_name, person.is_guest, person.is_bot, person.picture,
    NULL, membership.role, membership.state,
    membership.joined_at, NULL, NULL, NULL, NULL
FROM reading
{memberships}
JOIN user_svc_user person ON person.id = membership.user_id
UNION ALL
SELECT 'chat', NULL, reading.chat_id, reading.since, reading.head, reading.readable_from, 1 = 1,
    chat.own_version, chat.last_seq,
    (SELECT count(*) FROM chat_svc_membership member WHERE member.chat_id = chat.id AND member.state = 'active'), NULL,
    NULL, NULL, NULL, NULL, NULL, chat.title, chat.kind, NULL,
    chat.created_at, NULL, chat.expires_at, chat.closed_at, {rules}
FROM reading
JOIN chat_svc_chat chat ON chat.id = reading.chat_id AND chat.own_version > reading.since
UNION ALL
SELECT 'move', ask, chat_id, since, head, readable_from, fits,
    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM fitted
"""

POSTGRESQL = STATEMENT.format(
    asked="""
    SELECT * FROM unnest(%(asks)s::int[], %(readers)s::uuid[], %(chats)s::uuid[], %(cursors)s::bigint[])
        WITH ORDINALITY AS asked(ask, user_id, chat_id, since, place)
    """,
    size=SIZE,
    rules=f"jsonb_build_object({RULES_OF_CHAT})",
    # LATERAL with a LIMIT: read by the index of (chat, version) and nothing beyond, whatever the planner guesses.
    messages="""
CROSS JOIN LATERAL (
    SELECT * FROM chat_svc_message
    WHERE chat_id = reading.chat_id AND version > reading.since AND seq >= reading.readable_from
    ORDER BY version LIMIT %(chat_limit)s
) message
    """,
    memberships="""
CROSS JOIN LATERAL (
    SELECT * FROM chat_svc_membership WHERE chat_id = reading.chat_id AND version > reading.since
    ORDER BY version LIMIT %(chat_limit)s
) membership
    """,
)
SQLITE = STATEMENT.format(
    asked="""
    SELECT key AS place, json_extract(value, '$[0]') AS ask, json_extract(value, '$[1]') AS user_id,
        json_extract(value, '$[2]') AS chat_id, json_extract(value, '$[3]') AS since
    FROM json_each(%(asked)s)
    """,
    size=SIZE,
    rules=f"json_object({RULES_OF_CHAT})",
    messages="""
JOIN chat_svc_message message ON message.chat_id = reading.chat_id AND message.version > reading.since
    AND message.seq >= reading.readable_from
    """,
    memberships="""
JOIN chat_svc_membership membership
    ON membership.chat_id = reading.chat_id AND membership.version > reading.since
    """,
)
