"""What a device says: each message under one client_id until it is answered, by either door; changes once."""

import asyncio
import itertools
from contextlib import suppress
from time import time

from deploy.tests.checker.connection import REST_TROUBLE, Connection, next_delay
from deploy.tests.checker.log import Ack, Change, Door, Item, Row, Wish

# Who has no answer by then asks again, by whichever door.
ANSWER_WITHIN_S = 15.0
# Refusals that say "later".
REST_LATER = {429, 500, 502, 503, 504}
SOCKET_LATER = {"unavailable", "too_fast", "error"}


class Writing(Connection):
    def write(self, chat: str, client_id: str, body: str, door: Door) -> Wish:
        wish = self.log.wish(Wish(chat, client_id, body))
        self.try_again(wish, door)
        return wish

    def try_again(self, wish: Wish, door: Door) -> None:
        """Send it under its client_id, whether or not it was sent before."""
        if door == "rest":
            self._spawn(self._post(wish))
        elif self.line is not None:
            self._send(wish)
        # else: offline, and the next socket begins with what has no answer

    def edit(self, chat: str, row: Row, body: str, door: Door) -> None:
        if (wish := self.log.wishes.get((chat, row.client_id))) is not None:  # else it was said at another device
            wish.bodies.add(body)
        self._change(chat, row.seq, body, door)

    def delete(self, chat: str, row: Row, door: Door) -> None:
        self._change(chat, row.seq, None, door)

    def send_what_waits(self) -> None:
        """On a new socket: what has no answer yet. REST asks again by itself."""
        for wish in self.log.open_wishes:
            if not wish.tries or wish.tries[-1][1] == "socket":
                self._send(wish)

    def look_after(self, now: float) -> None:
        for wish in self.log.open_wishes:
            if wish.tries and now - wish.tries[-1][0] > ANSWER_WITHIN_S:
                self.try_again(wish, self._chance.choice(("socket", "rest")))

    def _send(self, wish: Wish) -> None:
        wish.tries.append((time(), "socket"))

        def on_answer(item: Item) -> None:
            if item["type"] == "ack":
                self._acked(wish, item, "socket")
            elif item["code"] in SOCKET_LATER:
                self.log.troubles[item["code"]] += 1
                self._later(lambda: self._send_if_open(wish), item.get("retry_after_s"))
            else:
                wish.refusal = item["code"]

        self._ask(on_answer, type="message.send", chat=wish.chat, client_id=wish.client_id, body=wish.body)

    def _send_if_open(self, wish: Wish) -> None:
        if wish.is_open and self.line is not None:
            self._send(wish)

    async def _post(self, wish: Wish) -> None:
        for attempt in itertools.count():
            wish.tries.append((time(), "rest"))
            token = self.person.token
            with suppress(*REST_TROUBLE):
                answer = await self.person.post(
                    f"/api/chats/{wish.chat}/messages", {"client_id": wish.client_id, "body": wish.body}
                )
                if answer.status in (200, 201):
                    self._acked(wish, answer.body, "rest")
                    return
                self.log.troubles[f"{answer.status} {answer.code}"] += 1
                if answer.status not in REST_LATER and not (answer.status == 401 and await self._renew(token)):
                    wish.refusal = answer.code or str(answer.status)
                    return
            await asyncio.sleep(next_delay(self._chance, attempt))
            if not wish.is_open:
                return

    def _acked(self, wish: Wish, answer: Item, door: Door) -> None:
        wish.acks.append(Ack(time(), answer["seq"], answer["version"], door))

    def _change(self, chat: str, seq: int, body: str | None, door: Door) -> None:
        if door == "rest":
            self._spawn(self._change_by_rest(chat, seq, body))
            return

        def on_answer(item: Item) -> None:
            if item["type"] == "ack":
                self.log.changes.append(Change(time(), chat, seq, item["version"], body))
            else:
                self.log.troubles[item["code"]] += 1

        words = {"type": "message.delete"} if body is None else {"type": "message.edit", "body": body}
        if self.line is not None:
            self._ask(on_answer, chat=chat, seq=seq, **words)

    async def _change_by_rest(self, chat: str, seq: int, body: str | None) -> None:
        path = f"/api/chats/{chat}/messages/{seq}"
        with suppress(*REST_TROUBLE):
            answer = await (self.person.delete(path) if body is None else self.person.patch(path, {"body": body}))
            if answer.status == 200:
                self.log.changes.append(Change(time(), chat, seq, answer.body["version"], body))
