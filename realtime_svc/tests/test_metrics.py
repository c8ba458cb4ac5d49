"""What a process with sockets counts of them, each by a deed that really moves it."""

import asyncio
from collections.abc import Iterator
from uuid import UUID

import pytest

from abdre.tests.measured import Measured
from realtime_svc.hub import current_hub
from realtime_svc.protocol.codes import Close, counted_as
from realtime_svc.protocol.limits import OUTBOX_LIMIT_BYTES
from realtime_svc.tests.client import Client
from realtime_svc.tests.conftest import Someone, say
from realtime_svc.tests.layers import Lossy
from realtime_svc.tests.test_resume import resume
from realtime_svc.tests.test_slow_reader import Reader, numbered, opened, socket_of, typing


@pytest.fixture
def measured() -> Iterator[Measured]:
    with Measured() as measured:
        yield measured


async def test_sockets_are_counted_while_they_are_open_and_by_how_they_end(
    measured: Measured, ada: Someone, bob: Someone, chat: UUID
) -> None:
    hers, his = await ada.socket(), await bob.socket()
    assert measured("abdre_realtime_connections") == 2

    await hers.wire.disconnect(code=1000)
    person = current_hub().people[str(bob.id)]
    current_hub().close_sockets(person, Close.BANNED)
    await his.closed()

    assert measured("abdre_realtime_connections") == 0
    assert measured("abdre_realtime_opened_total") == 2
    assert measured.by("abdre_realtime_closed_total", "code") == {("1000",): 1, ("4503",): 1}


async def test_who_is_turned_away_was_opened_and_closed(measured: Measured, sockets: list[Client]) -> None:
    for client in (Client("nonsense"), Client(path="/nowhere")):
        await client.refused()

    assert measured("abdre_realtime_connections") == 0
    assert measured("abdre_realtime_opened_total") == 2
    assert measured.by("abdre_realtime_closed_total", "code") == {("4501",): 1, ("4505",): 1}


def test_whatever_number_a_client_closes_with_the_codes_are_few() -> None:
    assert {counted_as(code) for code in range(5000)} == {
        *("1000", "1001", "1005", "1006", "other"),
        *(str(int(code)) for code in Close),
    }


async def test_a_message_is_counted_by_how_many_it_reached_and_how_soon(
    measured: Measured, ada: Someone, bob: Someone, chat: UUID
) -> None:
    sockets = [await ada.socket(), await bob.socket(), await bob.socket()]

    await say(chat, ada)
    for socket in sockets:
        await socket.next("message.created")

    assert measured("abdre_realtime_fanout_sockets_sum") == 3
    assert measured("abdre_realtime_fanout_sockets_count") == 1
    assert measured("abdre_realtime_delivery_seconds_count") == 1
    assert 0 < (measured("abdre_realtime_delivery_seconds_sum") or 0) < 5


async def test_a_resume_is_counted(measured: Measured, ada: Someone, chat: UUID) -> None:
    hers = await ada.socket()

    await resume(hers, chats={str(chat): 0})

    assert measured("abdre_realtime_resumes_total") == 1


async def test_a_hole_that_the_database_fills_is_counted(
    measured: Measured, ada: Someone, chat: UUID, lossy: Lossy
) -> None:
    hers = await ada.socket()
    lossy.loses = 1.0
    await say(chat, ada)
    lossy.loses = 0.0

    await say(chat, ada)
    for _ in range(2):
        await hers.next("message.created")

    assert (measured("abdre_realtime_repairs_total") or 0) >= 1
    await lossy.settle()


async def test_what_a_slow_reader_is_not_told_is_counted(measured: Measured) -> None:
    reader = Reader()
    outbox = await opened(reader)
    reader.reads.clear()
    half = OUTBOX_LIMIT_BYTES // 2
    outbox.put(numbered(1, padding=half - 1000))
    for _ in range(100):
        outbox.put(typing())

    outbox.put(numbered(2, padding=half - 1000))

    assert (measured("abdre_realtime_outbox_drops_total", kind="passing") or 0) > 0
    assert measured("abdre_realtime_outbox_drops_total", kind="socket") == 0
    reader.reads.set()


async def test_a_socket_closed_for_its_slow_reader_is_counted(measured: Measured) -> None:
    reader = Reader()
    socket, _ = socket_of(reader)
    await socket.outbox.flushed()
    reader.reads.clear()

    for number in range(5):
        socket.outbox.put(numbered(number, padding=OUTBOX_LIMIT_BYTES // 4))

    assert measured("abdre_realtime_outbox_drops_total", kind="socket") == 1
    assert measured.by("abdre_realtime_closed_total", "code") == {("4008",): 1}
    reader.reads.set()


async def test_a_layer_that_nothing_comes_through_is_told_until_it_is_back(
    measured: Measured, ada: Someone, lossy: Lossy
) -> None:
    await ada.socket()

    for is_cut in (True, False):
        lossy.is_cut = is_cut
        async with asyncio.timeout(10):
            while measured("abdre_layer_away") != is_cut:
                await asyncio.sleep(0.05)
