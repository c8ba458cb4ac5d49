"""What the hub asks of the services below it: each for many at once, in a number of statements that does not grow."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from abdre.errors import AppError
from auth_svc.selectors import ended_among
from chat_svc.selectors import created_events, heads_of_all, memberships_of
from realtime_svc.errors import SessionEnded, ShutOut
from user_svc.errors import UserNotFound
from user_svc.selectors import UserJson, banned_among, user_json, users_by_id

Entry = Mapping[str, Any]


@dataclass(frozen=True)
class Admission:
    user: UserJson
    heads: dict[str, int]


@dataclass(frozen=True)
class Expelled:
    """Whose sockets are open here and must not be any more."""

    shut_out: set[str]  # people
    ended: set[str]  # sessions


def admissions(asked: Sequence[tuple[UUID, UUID]]) -> list[Admission | AppError]:
    """For each (person, session): who comes in, and to which chats; else SessionEnded, ShutOut or UserNotFound."""
    people = {person_id for person_id, _ in asked}
    ended = ended_among(session_id for _, session_id in asked)
    barred = banned_among(people)
    users = users_by_id(people - barred)
    heads = chats_of(users)

    def admission(person_id: UUID, session_id: UUID) -> Admission | AppError:
        if session_id in ended:
            return SessionEnded()
        if person_id in barred:
            return ShutOut()
        if person_id not in users:
            return UserNotFound()
        return Admission(user=user_json(users[person_id]), heads=heads[person_id])

    return [admission(person_id, session_id) for person_id, session_id in asked]


def chats_of(person_ids: Collection[UUID]) -> dict[UUID, dict[str, int]]:
    """By person: their chats and the versions of these."""
    return {
        person_id: {str(chat_id): version for chat_id, version in heads.items()}
        for person_id, heads in heads_of_all(person_ids).items()
    }


def expelled(person_ids: Collection[UUID], session_ids: Collection[UUID]) -> Expelled:
    """Bans and ended sessions, read anew for all of them at once."""
    return Expelled(
        shut_out={str(person) for person in banned_among(person_ids)},
        ended={str(session) for session in ended_among(session_ids)},
    )


def memberships(person_ids: Collection[UUID]) -> dict[str, set[str]]:
    """By person: the chats they are in now."""
    found = memberships_of(person_ids)
    return {str(person): {str(chat) for chat in chats} for person, chats in found.items()}


def entries(asked: Collection[tuple[UUID, UUID]]) -> Mapping[tuple[UUID, UUID], Entry]:
    """By (chat, person): the `chat.created` that they should have heard. Who is not in the chat is left out."""
    return created_events(asked)


def ended_sessions(session_ids: Collection[UUID]) -> set[UUID]:
    return ended_among(session_ids)
