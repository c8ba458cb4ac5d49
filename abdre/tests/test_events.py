"""News goes out after the commit, encoded once, and its loss never hurts the deed."""

import json

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
    import asyncio

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
    monkeypatch.setattr(events, "_loop", None)

    with caplog.at_level("WARNING"):
        events.publish("chat.x", EVENT)

    assert "event not published" in caplog.text
