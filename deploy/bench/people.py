"""Makes people, their sessions and their chats in bulk, by the models, and signs their tokens; prints both as JSON.

Run under auth_svc.settings: `python -m deploy.bench.people PEOPLE CHATS`. Person i is a member of chat i % CHATS.
"""

import json
import sys
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

import django

BATCH = 2_000


class Town(NamedTuple):
    """`tokens` by person; `chats` with the version that each had before its first message."""

    tokens: list[str]
    chats: list[tuple[str, int]]


def settle(people: int, chats: int) -> Town:
    from abdre.tokens import AccessToken

    persons = make_people(people)
    sessions = make_sessions(persons)
    tokens = [AccessToken.issue(user_id=p, session_id=s) for p, s in zip(persons, sessions, strict=True)]
    return Town(tokens, [make_chat(persons[number::chats]) for number in range(chats)])


def make_people(count: int) -> list[UUID]:
    from user_svc.models import User, name_key

    names = [f"Guest {number}" for number in range(count)]
    made = [User(display_name=name, display_name_key=name_key(name), is_guest=True, password="!") for name in names]
    User.objects.bulk_create(made, batch_size=BATCH)
    return [person.id for person in made]


def make_sessions(persons: list[UUID]) -> list[UUID]:
    from django.utils import timezone

    from auth_svc.models import Session

    until = timezone.now() + timedelta(days=1)
    made = [Session(id=uuid4(), user_id=person, expires_at=until) for person in persons]
    Session.objects.bulk_create(made, batch_size=BATCH)
    return [session.id for session in made]


def make_chat(members: list[UUID]) -> tuple[str, int]:
    """Everybody's entry was a change of its own: the chat is at as many versions as it has members."""
    from chat_svc.models import Chat, Membership, Role

    version = len(members)
    chat = Chat.objects.create(kind="group", title="bench", created_by_id=members[0], version=version)
    roles = [Role.OWNER] + [Role.MEMBER] * (version - 1)
    rows = [
        Membership(chat=chat, user_id=member, role=role, version=number)
        for number, (member, role) in enumerate(zip(members, roles, strict=True), start=1)
    ]
    Membership.objects.bulk_create(rows, batch_size=BATCH)
    return str(chat.id), version


def main() -> None:
    django.setup()
    people, chats = (int(word) for word in sys.argv[1:])
    print(json.dumps(settle(people, chats)._asdict()))


if __name__ == "__main__":
    main()
