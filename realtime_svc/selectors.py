"""What the hub asks of the services below it, each in one hop to a database thread."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from auth_svc.selectors import ended_among, session_is_alive
from chat_svc.selectors import created_event, heads_of, memberships_of
from realtime_svc.errors import SessionEnded, ShutOut
from user_svc.selectors import UserJson, banned_among, user_by_id, user_json


@dataclass(frozen=True)
class Admission:
    user: UserJson
    heads: dict[str, int]


@dataclass(frozen=True)
class Standing:
    """What holds now for the people whose sockets are open here."""

    chats: Mapping[str, Collection[str]]  # by person
    shut_out: set[str]
    ended: set[str]  # sessions


def admission(person_id: UUID, session_id: UUID) -> Admission:
    """Who comes in, and to which chats. Raises SessionEnded, ShutOut."""
    if not session_is_alive(session_id):
        raise SessionEnded
    if banned_among([person_id]):
        raise ShutOut
    return Admission(user=user_json(user_by_id(person_id)), heads=chats_of(person_id))


def chats_of(person_id: UUID) -> dict[str, int]:
    """The person's chats and their versions."""
    return {str(chat_id): version for chat_id, version in heads_of(person_id).items()}


def standing(person_ids: Collection[UUID], session_ids: Collection[UUID]) -> Standing:
    """Memberships, bans and ended sessions, read anew for all of them at once."""
    memberships = memberships_of(person_ids)
    return Standing(
        chats={str(person): {str(chat) for chat in chats} for person, chats in memberships.items()},
        shut_out={str(person) for person in banned_among(person_ids)},
        ended={str(session) for session in ended_among(session_ids)},
    )


def entry(chat_id: UUID, person_id: UUID) -> Mapping[str, Any] | None:
    """The `chat.created` that the person should have heard; None if they are not in the chat (any more)."""
    return created_event(chat_id=chat_id, user_id=person_id)
