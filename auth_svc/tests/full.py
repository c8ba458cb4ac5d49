"""A house with many of everything: so many sessions, codes, people who came by them and who knock, tokens, passkeys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from abdre.api import Who
from abdre.tests.authenticator import Authenticator
from abdre.tokens import read
from auth_svc import services
from auth_svc.models import Export
from auth_svc.services.bots import BOTS_PER_PERSON
from auth_svc.services.passkeys import PASSKEYS_LIMIT
from auth_svc.services.tokens import TOKENS_PER_PERSON
from auth_svc.tests.factors.ways import App, Clock, add_passkey, answer_of, turn_on_app
from auth_svc.tests.invitations.codes import Code, accept, invite
from auth_svc.tests.people import Visitor
from chat_svc.services import create_chat, enrol

ORIGIN = "http://testserver"


@dataclass
class House:
    people: dict[str, Visitor]
    many: int
    clock: Clock
    visitor: Callable[[], Visitor]

    def __post_init__(self) -> None:
        self.code, self.door = self._codes()
        for name in ("ada", "bob", "eve"):
            self._fill_account(self.people[name])
        self._fill_factors(self.people["carol"])

    def _codes(self) -> tuple[Code, Code]:
        """ada's codes: one by which many came in, and one at which many knock, the guest of the cast first."""
        ada = self.people["ada"]
        chats = [create_chat(creator_id=ada.id, kind="group", title=f"Tea {number}").id for number in range(self.many)]
        enrol(chat_id=chats[0], user_id=self.people["bob"].id)
        code = invite(ada, chats[0], max_uses=None)
        door = invite(ada, chats[0], approval=True)
        assert accept(self.people["guest"], door).status_code == 202
        for number, chat in enumerate(chats):
            assert accept(self.visitor(), code, f"Guest {number}").status_code == 200
            assert accept(self.visitor(), door, f"Knocks {number}").status_code == 202
            assert accept(self.visitor(), invite(ada, chat, approval=True), f"Waits {number}").status_code == 202
        return code, door

    def _fill_account(self, person: Visitor) -> None:
        who = Who(user_id=person.id, session_id=read(person.token).session_id)
        for _ in range(self.many):
            services.open_session(user_id=person.id)
            Export.objects.create(user_id=person.id, made_at=timezone.now(), archive=b"zip", size_bytes=3)
        for number in range(min(self.many, TOKENS_PER_PERSON - 1)):
            token = services.create_token(**who, name=f"CI {number}", writes=True, days=30).token
            services.exchange_token(token=token)
        for number in range(min(self.many, BOTS_PER_PERSON - 1)):
            services.create_bot(**who, username=f"bot{number}.{person.id.hex[:8]}", display_name="")

    def _fill_factors(self, person: Visitor) -> None:
        self.app, _paper = turn_on_app(person, self.clock)
        self.passkeys = [Authenticator(ORIGIN) for _ in range(min(self.many, PASSKEYS_LIMIT - 1))]
        for passkey in self.passkeys:
            assert add_passkey(person, passkey).status_code == 201

    def app_code(self) -> str:
        """A fresh one of carol's app."""
        self.clock.forward()
        return self.app.code()

    def passkey_answer(self) -> dict[str, Any]:
        """A fresh one of carol's last passkey."""
        return answer_of(self.visitor(), self.passkeys[-1])

    def first_code(self, secret: str) -> str:
        """Of an app that was begun with."""
        return App(secret, self.clock).code()
