"""What the API's schema says of the whole; `abdre.openapi` says the rest."""

# Paragraphs, and code in backticks: the page at /api/docs/ knows no more of Markdown.
DESCRIPTION = """\
Everything that ABDRE Chat's own pages can do, for programs. Bodies are JSON, and nothing else is parsed. Ids are
UUIDs; a message is addressed by its chat and its `seq`. Times are ISO 8601 in UTC with `Z`. Answers only grow: ignore
fields that you do not know.

A program says who asks by `Authorization: Bearer <access token>`. A browser holds its tokens in cookies that no
script can read, never sees one in a body, and sends `X-CSRFToken` with whatever changes something. What signs
somebody in answers with tokens or sets the cookies. An access token lasts ten minutes; the refresh token is exchanged
for the next pair, once.

A refusal is `{"error": {"code", "message", "fields"?}}`: `code` is for programs, `message` for people, and `fields`
says what is wrong with which field. What is not yours is not there: 404. Each operation lists its codes; beside them
stand 405 `method_not_allowed`, and 500 `error` for a fault of ours. 429 and 503 say in `Retry-After` how many seconds
to wait; `RateLimit` says what is left.

Every answer carries `X-Request-ID`: name it when you report a problem.

Messages arrive over the socket at `/ws`. Its frames are described in JSON Schema at `/api/schema/socket/`, and in
words in `abdre/docs/protocol.md` of the source."""

SPECTACULAR_SETTINGS = {
    "TITLE": "ABDRE Chat",
    "VERSION": "1",
    "DESCRIPTION": DESCRIPTION,
    "EXTERNAL_DOCS": {"description": "The socket's frames, in JSON Schema", "url": "/api/schema/socket/"},
    "TAGS": [
        {"name": "auth", "description": "Becoming somebody, sessions, invitations"},
        {"name": "user", "description": "People: profiles, search, presence"},
        {"name": "oauth", "description": "Signing in elsewhere"},
        {"name": "chat", "description": "Chats, their members, their messages"},
    ],
    "OAS_VERSION": "3.1.0",  # its shapes are JSON Schema as it is, so any validator can hold answers to them
    "SCHEMA_PATH_PREFIX": "/api",
    # In the order of the addresses, and of the fields as they are written.
    "SORT_OPERATIONS": False,
    "SORT_OPERATION_PARAMETERS": False,
    "ENFORCE_NON_BLANK_FIELDS": True,
    "COMPONENT_SPLIT_PATCH": False,  # a PATCH of ours demands what it demands
    "POSTPROCESSING_HOOKS": [],
}
