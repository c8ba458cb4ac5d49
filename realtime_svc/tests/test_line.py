"""The hub's line knows whether it hears: a layer that has much to say is busy, one that says nothing is away."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from realtime_svc.hub import line as module
from realtime_svc.hub.line import Line


class Layer:
    """Takes everything and hands out what the test puts in."""

    def __init__(self) -> None:
        self.messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.sent: list[dict[str, Any]] = []

    async def new_channel(self) -> str:
        return "specific"

    async def receive(self, channel: str) -> dict[str, Any]:
        return await self.messages.get()

    async def group_add(self, group: str, channel: str) -> None:
        pass

    async def group_discard(self, group: str, channel: str) -> None:
        pass

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        self.sent.append(message)


@pytest.fixture
def layer(monkeypatch: pytest.MonkeyPatch) -> Layer:
    monkeypatch.setattr(module, "PROBE_PATIENCE_S", 0.1)
    monkeypatch.setattr(module, "BUSY_PATIENCE_S", 0.4)
    return Layer()


@pytest.fixture
async def line(layer: Layer) -> AsyncIterator[Line]:
    line = Line(layer, on_message=lambda message: None)
    hearing = asyncio.create_task(line.run())
    await line.subscribe("chat.tea")
    yield line
    hearing.cancel()


async def probe_for(line: Line, seconds: float, *, news: asyncio.Queue[dict[str, Any]] | None = None) -> None:
    for _ in range(int(seconds / 0.02)):
        line.probe()
        if news is not None:
            news.put_nowait({"type": "hub.events"})
        await asyncio.sleep(0.02)


async def test_a_layer_that_says_nothing_is_away(line: Line) -> None:
    await probe_for(line, 0.2)

    assert line.is_dead


async def test_a_layer_that_is_busy_with_other_news_is_not(line: Line, layer: Layer) -> None:
    await probe_for(line, 0.2, news=layer.messages)

    assert not line.is_dead
    assert line.lag_s > 0.15


async def test_a_layer_that_never_answers_is_away_though_others_speak(line: Line, layer: Layer) -> None:
    await probe_for(line, 0.6, news=layer.messages)

    assert line.is_dead


async def test_the_lag_is_what_an_answer_took(line: Line, layer: Layer) -> None:
    line.probe()
    while not layer.sent:
        await asyncio.sleep(0)
    await asyncio.sleep(0.05)
    layer.messages.put_nowait(layer.sent[0])
    await asyncio.sleep(0.01)

    assert not line.is_dead
    assert line.lag_s >= 0.05
