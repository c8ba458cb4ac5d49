"""What several views of chats share: numbers and flags of a query, and what is said of them."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from abdre.errors import Invalid
from abdre.operations import Parameter
from chat_svc.errors import ChatNotFound, ChatOver, NotAllowed
from chat_svc.models import TITLE_LIMIT

PAGE_LIMIT = 200
# Beyond this PostgreSQL's bigint ends.
LARGEST = 2**63 - 1

LIMIT = Parameter("limit", "", {"type": "integer", "minimum": 1, "maximum": PAGE_LIMIT, "default": 50})
Q = Parameter("q", "Words of the name.", {"type": "string", "maxLength": TITLE_LIMIT})
SEQ = {"type": "integer", "minimum": 0, "maximum": LARGEST}
# What somebody who manages a chat may meet.
MANAGING = (ChatNotFound, ChatOver, NotAllowed)


def words(query: Any) -> str:
    """What a name is to hold; nothing for any name."""
    text = str(query.get("q", ""))
    if len(text) > TITLE_LIMIT or "\0" in text:
        raise Invalid(fields={"q": [_("At most 100 characters.")]})
    return text


def flag(query: Any, name: str) -> bool:
    text = query.get(name, "false")
    if text not in ("true", "false"):
        raise Invalid(fields={name: [_("true or false.")]})
    return bool(text == "true")


def choice(query: Any, name: str, allowed: tuple[str, ...]) -> str:
    """The first of them if nothing is said. Raises Invalid."""
    text = query.get(name, allowed[0])
    if text not in allowed:
        raise Invalid(fields={name: [_("One of %(allowed)s.") % {"allowed": ", ".join(filter(None, allowed))}]})
    return str(text)


def optional_number(query: Any, name: str) -> int | None:
    return number(query, name, default=0, lowest=0) if name in query else None


def identifier(query: Any, name: str) -> UUID | None:
    """None where it is left out."""
    try:
        return UUID(query[name]) if name in query else None
    except ValueError as problem:
        raise Invalid(fields={name: [_("An id.")]}) from problem


def number(query: Any, name: str, *, default: int, lowest: int, highest: int = LARGEST) -> int:
    text = query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 20 and lowest <= int(text) <= highest):
        raise Invalid(
            fields={
                name: [_("A whole number from %(lowest)s to %(highest)s.") % {"lowest": lowest, "highest": highest}]
            }
        )
    return int(text)
