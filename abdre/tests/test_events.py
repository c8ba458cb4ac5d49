"""News goes out after the commit, encoded once, and its loss never hurts the deed."""

import asyncio
import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import transaction

from abdre import events

pytestmark = pytest.mark.django_db(transaction=True)

EVENT = {"type": "message.created", "version": 7, "body": "Қазақ"}


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    groups: list[str] = []
    monkeypatch.setattr(events, "hand_over", lambda group, message: groups.append(group))
    return groups


def test_nothing_is_told_before_the_commit(handed: list[str]):
    with transaction.atomic():
        events.publish("chat.x", EVENT)
        assert handed == []

    assert handed == ["chat.x"]


def test_nothing_is_told_of_what_was_rolled_back(handed: list[str]):
    def deed() -> None:
        with transaction.atomic():
            events.publish("chat.x", EVENT)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        deed()

    assert handed == []


def test_the_envelope_carries_ready_bytes_beside_types_and_versions():
    message = events.envelope("chat.x", (EVENT, {"type": "typing.started"}))

    assert message["type"] == "hub.events"
    assert message["types"] == ["message.created", "typing.started"]
    assert message["versions"] == [7, 0]
    assert json.loads(message["items"][0]) == EVENT
    assert "Қазақ".encode() in message["items"][0]


async def test_a_thread_reaches_who_listens_on_the_servers_loop():
    layer = events._layer()
    channel = await layer.new_channel()
    await layer.group_add("test.group", channel)
    events.use_loop(asyncio.get_running_loop())

    await sync_to_async(events.publish, thread_sensitive=False)("test.group", EVENT)

    received = await asyncio.wait_for(layer.receive(channel), 5)
    assert json.loads(received["items"][0]) == EVENT
    await layer.group_discard("test.group", channel)


def test_a_layer_that_fails_is_logged_and_hurts_nobody(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    class Away:
        async def group_send(self, group: str, message: object) -> None:
            raise ConnectionError("away")

    monkeypatch.setattr(events, "get_channel_layer", Away)
    monkeypatch.setattr(events, "_outbound", None)

    with caplog.at_level("WARNING"):
        events.publish("chat.x", EVENT)

    assert "event not published" in caplog.text


class Recorder:
    """A layer that is slow for the first message, fails where told to, and keeps what it was given."""

    def __init__(self, *, fails_at: int = -1) -> None:
        self.heard: list[int] = []
        self.fails_at = fails_at
        self.all_heard = asyncio.Event()

    async def group_send(self, group: str, message: dict[str, int]) -> None:
        await asyncio.sleep(0.05 if not self.heard else 0)
        if message["n"] == self.fails_at:
            self.fails_at = -1
            raise ConnectionError("away")
        self.heard.append(message["n"])
        if message["n"] == LAST:
            self.all_heard.set()


class BatchingRecorder(Recorder):
    async def group_send_many(self, messages: list[tuple[str, dict[str, int]]]) -> None:
        for group, message in messages:
            await self.group_send(group, message)


LAST = 500


def numbered(number: int) -> dict[str, Any]:
    return {"n": number, "items": [b"news"]}


async def hear(layer: Recorder, monkeypatch: pytest.MonkeyPatch, *, from_threads: bool) -> None:
    monkeypatch.setattr(events, "get_channel_layer", lambda: layer)
    events.use_loop(asyncio.get_running_loop())

    def hand_over_some(start: int) -> None:
        events.hand_over("chat.x", numbered(start))
        events.hand_over_all([("chat.x", numbered(start + 1)), ("chat.x", numbered(start + 2))])

    for start in range(0, LAST, 3):
        if from_threads:
            await asyncio.to_thread(hand_over_some, start)
        else:
            hand_over_some(start)
    await asyncio.wait_for(layer.all_heard.wait(), 10)


@pytest.mark.parametrize("from_threads", [True, False], ids=["from threads", "on the loop"])
@pytest.mark.parametrize("kind", [Recorder, BatchingRecorder])
async def test_what_is_handed_over_goes_out_in_that_order(
    kind: type[Recorder], from_threads: bool, monkeypatch: pytest.MonkeyPatch
):
    layer = kind()

    await hear(layer, monkeypatch, from_threads=from_threads)

    assert layer.heard[: LAST + 1] == list(range(LAST + 1))


async def test_a_loss_does_not_hold_up_what_comes_after(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    layer = Recorder(fails_at=0)

    with caplog.at_level("WARNING"):
        await hear(layer, monkeypatch, from_threads=True)

    assert LAST in layer.heard
    assert 0 not in layer.heard
    assert "event not published" in caplog.text


async def test_a_layer_that_hangs_costs_what_waits_and_not_what_comes_after(monkeypatch: pytest.MonkeyPatch):
    layer = Recorder()
    hanging = asyncio.Event()

    async def hang(group: str, message: object) -> None:
        hanging.set()
        await asyncio.Event().wait()

    layer.group_send = hang  # type: ignore[method-assign]
    monkeypatch.setattr(events, "SEND_WITHIN_S", 0.2)
    monkeypatch.setattr(events, "get_channel_layer", lambda: layer)
    events.use_loop(asyncio.get_running_loop())
    events.hand_over("chat.x", numbered(0))
    await asyncio.wait_for(hanging.wait(), 5)

    del layer.group_send
    events.hand_over("chat.x", numbered(LAST))

    await asyncio.wait_for(layer.all_heard.wait(), 5)


async def test_what_waits_for_a_layer_is_bounded(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture):
    layer = Recorder()
    monkeypatch.setattr(events, "WAITING_LIMIT_BYTES", 3 * (events.OVERHEAD_BYTES + len(b"news")))
    monkeypatch.setattr(events, "get_channel_layer", lambda: layer)
    events.use_loop(asyncio.get_running_loop())

    with caplog.at_level("WARNING"):
        for number in (1, 2, LAST, LAST + 1):
            events.hand_over("chat.x", numbered(number))

    await asyncio.wait_for(layer.all_heard.wait(), 5)
    assert layer.heard == [1, 2, LAST]
    assert "too many wait" in caplog.text


async def test_a_layer_is_given_no_more_at_once_than_it_takes(monkeypatch: pytest.MonkeyPatch):
    layer, given = BatchingRecorder(), []
    give = layer.group_send_many

    async def note(messages: list[tuple[str, dict[str, int]]]) -> None:
        given.append(len(messages))
        await give(messages)

    layer.group_send_many = note  # type: ignore[method-assign]
    monkeypatch.setattr(events, "GIVEN_LIMIT_BYTES", 2 * events.OVERHEAD_BYTES)
    monkeypatch.setattr(events, "get_channel_layer", lambda: layer)
    events.use_loop(asyncio.get_running_loop())

    events.hand_over_all([("chat.x", numbered(number)) for number in (1, 2, 3, 4, LAST)])

    await asyncio.wait_for(layer.all_heard.wait(), 5)
    assert layer.heard == [1, 2, 3, 4, LAST]
    assert given == [2, 2, 1]


async def test_the_first_who_publishes_on_a_loop_needs_no_other(monkeypatch: pytest.MonkeyPatch):
    layer = Recorder()
    monkeypatch.setattr(events, "_outbound", None)
    monkeypatch.setattr(events, "get_channel_layer", lambda: layer)

    events.hand_over("chat.x", numbered(LAST))

    await asyncio.wait_for(layer.all_heard.wait(), 5)
