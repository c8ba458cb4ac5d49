"""What makes two presses the same press: a client's own key, or a browser's cookie."""

from django.utils.translation import gettext as _
from rest_framework.request import Request

from abdre.errors import Invalid
from abdre.operations import Parameter

ATTEMPT_COOKIE = "join_attempt"
ATTEMPT_HEADER = "Idempotency-Key"
ATTEMPT_SHORTEST, ATTEMPT_LONGEST = 16, 255

ATTEMPT = Parameter(
    ATTEMPT_HEADER,
    "Made by the client, once an attempt: a newcomer's repeat within two minutes finds the same guest. "
    "A browser has the cookie `join_attempt` for it.",
    {"type": "string", "minLength": ATTEMPT_SHORTEST, "maxLength": ATTEMPT_LONGEST},
    where="header",
)


def attempt_key(request: Request) -> str:
    """Empty where the client sends nothing of use. Raises Invalid."""
    key = request.headers.get(ATTEMPT_HEADER)
    if key is not None and not _is_attempt_key(key):
        raise Invalid(fields={ATTEMPT_HEADER: [_("16 to 255 characters.")]})
    cookie = request.COOKIES.get(ATTEMPT_COOKIE, "")
    return key or (cookie if _is_attempt_key(cookie) else "")


def _is_attempt_key(text: str) -> bool:
    return ATTEMPT_SHORTEST <= len(text) <= ATTEMPT_LONGEST
