"""Staff, and people who come by a code."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from auth_svc.tests.invitations.codes import Code, accept, invite
from auth_svc.tests.people import Visitor, code_of
from chat_svc.services.moderation import Staff
from user_svc.services import appoint, create_member


def officer(name: str, group: str) -> Staff:
    person = create_member(username=name, password=None)
    appoint(user_id=person.id, group=group)
    return Staff(id=person.id, reason="Insults", address="10.0.0.0/24")


def a_code(host: Visitor, chat: UUID | None = None, **options: Any) -> Code:
    if chat is not None:
        return invite(host, chat, **{"max_uses": 25, **options})
    made = host.post("/api/auth/invitations", {"max_uses": 25, **options})
    assert made.status_code == 201, made.content
    return dict(made.json())


def come(visitor: Visitor, code: Code, name: str = "Tom") -> Visitor:
    """As a guest, if they are nobody yet."""
    answer = accept(visitor, code, name)
    assert answer.status_code == 200, answer.content
    if "tokens" in answer.json():
        visitor.token, visitor.id = answer.json()["tokens"]["access_token"], UUID(answer.json()["user"]["id"])
    return visitor


def outcome(visitor: Visitor, code: Code) -> str:
    answer = accept(visitor, code, "Tim")
    return "in" if answer.status_code == 200 else code_of(answer)
