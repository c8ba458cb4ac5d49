"""Every process of the split says of itself what was really done, and nothing about whom."""

import asyncio
import os
import re
import signal
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen
from uuid import uuid4

import pytest
import pytest_asyncio

from abdre.metrics.kinds import ALL
from deploy.ci.servers import free_port
from deploy.ci.stack import Role, Stack, answers
from deploy.tests.conftest import House
from deploy.tests.people import Town
from deploy.tests.scrape import WITHIN_S, Sample, scraped, scraped_at, summed

pytestmark = pytest.mark.split

BY_SOCKET, BY_REST = 5, 3
# What a calm house has no cause to count. Each is moved by a test of its own kind in abdre/tests or realtime_svc/tests.
OF_TROUBLE = {
    "abdre_database_pool_errors_total",
    "abdre_database_pool_wait_seconds_total",
    "abdre_periodic_failures_total",
    "abdre_realtime_outbox_drops_total",
    "abdre_realtime_repairs_total",
}
# Nothing waits, nobody is away, all breakers are closed: 0 is what they should say.
OF_CALM = {
    "abdre_http_requests_in_progress",
    "abdre_jobs_oldest_seconds",
    "abdre_jobs_waiting",
    "abdre_layer_away",
    "abdre_upstream_breaker_state",
    "abdre_writer_queue_messages",
}
LOOK = "abdre.metrics.sampling.look"
COUNTED_WITHIN_S = 60


def _is_look(sample: Sample) -> bool:
    return sample.name == "abdre_periodic_success_timestamp_seconds" and sample.labels["deed"] == LOOK


class Told:
    """What two people did, and what the house said before and after it."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.before = scraped(stack.roles)
        self.after: list[Sample] = []
        self.secrets: list[str] = []

    def added(self, name: str, *labels: str) -> dict[tuple[str, ...], float]:
        """By the values of these labels, where there was something to add."""
        before, after = summed(self.before, name, *labels), summed(self.after, name, *labels)
        return {values: value - before.get(values, 0) for values, value in after.items() if value != before.get(values)}

    def one(self, name: str) -> float:
        return self.added(name).get((), 0)

    async def until_counted(self) -> None:
        """The last step of all is counted by a clock, as pools are; letters go out by the worker."""
        until = time.monotonic() + COUNTED_WITHIN_S
        while missing := await self._missing():
            assert time.monotonic() < until, missing
            await asyncio.sleep(0.3)

    async def _missing(self) -> str:
        self.after = await asyncio.to_thread(scraped, self.stack.roles)
        if ("first_message",) not in self.added("abdre_invitations_total", "step"):
            return "the first message"
        if not self.added("abdre_jobs_total", "outcome"):
            return "the letter"
        looked, before = ({one.port: one.value for one in told if _is_look(one)} for told in (self.after, self.before))
        ports = {role.metrics_port for role in self.stack.roles}
        late = {port for port in ports if looked.get(port, 0) <= before.get(port, 0)}
        return f"a look by {late}" if late else ""


async def talk(town: Town, house: House, told: Told) -> None:
    ada = await town.guest("Ada Umbrella")
    chat = await ada.start_chat("Secret lunch")
    token = (await ada.invite(chat))["token"]
    await town.nobody().must("POST", "/api/auth/invitations/opened", {"token": token})
    guest = await town.guest_by_code("Tom Parasol", token)
    hers, his = await town.socket(ada), await town.socket(guest, house.doors[-1])
    for number in range(BY_SOCKET):
        await his.send(chat, f"unheard-of {number}")
    for number in range(BY_REST):
        await ada.write(chat, f"unheard-of {number}")
    for socket in (hers, his):
        await socket.wait_for(lambda item: item.get("message", {}).get("seq") == BY_SOCKET + BY_REST)
    await his.command(type="resume", chats={chat: 0})
    await his.connection.close()
    await a_letter(town)
    told.secrets = [chat, token, ada.id, guest.id, ada.token, guest.token, "Umbrella", "Parasol", "lunch", "unheard"]


async def a_letter(town: Town) -> None:
    account = {"username": f"kim-{uuid4().hex[:8]}", "password": uuid4().hex, "display_name": "Kim"}
    await town.nobody().must("POST", "/api/auth/register", {**account, "email": "kim@example.org"})


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def told(house: House) -> AsyncIterator[Told]:
    assert house.stack is not None
    async with asyncio.timeout(30):  # those of the tests before
        while any(summed(scraped(house.stack.roles), "abdre_realtime_connections").values()):
            await asyncio.sleep(0.1)
    told = Told(house.stack)
    async with Town(house.url) as town:
        await talk(town, house, told)
        await told.until_counted()
        yield told


def test_every_metric_there_is_was_moved_by_what_was_done(told: Told):
    there = {sample.name.removesuffix("_bucket").removesuffix("_sum").removesuffix("_count") for sample in told.after}
    not_nothing = {sample.name for sample in told.after if sample.value}

    # A counter that has labels and was never moved shows nothing of itself.
    assert {metric.name for metric in ALL} - there <= {"abdre_periodic_failures_total"}
    still = {metric.name for metric in ALL} - {name.removesuffix("_count") for name in not_nothing}
    assert still <= OF_TROUBLE | OF_CALM


def test_messages_are_as_many_as_were_sent(told: Told):
    sent = BY_SOCKET + BY_REST

    assert told.one("abdre_messages_total") == sent
    assert told.one("abdre_writer_batch_messages_sum") == sent
    assert told.one("abdre_writer_commit_seconds_count") == told.one("abdre_writer_batch_messages_count") <= sent
    assert told.added("abdre_events_total", "name")["messages.stored",] == sent
    assert told.one("abdre_realtime_delivery_seconds_count") >= sent
    assert told.one("abdre_realtime_fanout_sockets_sum") >= 2 * sent - 2


def test_a_codes_steps_are_as_they_were_taken(told: Told):
    steps = {step: value for (step,), value in told.added("abdre_invitations_total", "step").items()}

    assert steps == {"made": 1, "opened": 1, "joined": 1, "first_message": 1}


def test_sockets_are_as_many_as_were_opened_and_left(told: Told):
    assert told.one("abdre_realtime_opened_total") == 2
    assert told.added("abdre_realtime_closed_total", "code") == {("1000",): 1}
    assert told.one("abdre_realtime_connections") == 1
    assert told.one("abdre_realtime_resumes_total") == 1


def test_a_request_is_counted_by_the_gateway_and_by_its_service(told: Told):
    labels = ("method", "route", "status")

    by_service = told.added("abdre_http_requests_total", *labels)

    assert by_service["POST", "/api/chats", "201"] >= BY_REST + 1  # as the gateway's table has it
    assert by_service["POST", "/api/chats/<uuid:chat_id>/messages", "201"] == BY_REST
    assert told.added("abdre_upstream_requests_total", "upstream", "outcome")["chat", "ok"] == BY_REST + 1
    assert {outcome for _, outcome in told.added("abdre_upstream_requests_total", "upstream", "outcome")} == {"ok"}
    assert set(summed(told.after, "abdre_upstream_breaker_state", "upstream").values()) == {0}


def test_each_process_says_which_it_is_what_it_needs_and_what_it_takes(told: Told):
    for role in told.stack.roles:
        own = [sample for sample in told.after if sample.role == role.name]
        assert {sample.labels["role"] for sample in own if sample.name == "abdre_build_info"} == {role.name}
        needs = {sample.labels["check"] for sample in own if sample.name == "abdre_ready" and sample.value == 1}
        assert needs >= ({"keys", "redis"} if role.name == "gateway" else {"keys", "redis", "database", "migrations"})
        assert all(sample.value for sample in own if sample.name.startswith("process_"))
    assert told.added("abdre_jobs_total", "outcome")["successful",] >= 1
    (open_connections,) = (summed(told.after, "abdre_database_pool_connections", "state")["open",],)
    assert open_connections >= 5


def test_no_label_says_who_or_what_was_asked_for(told: Told):
    values = {value for sample in told.after for value in sample.labels.values()}

    for secret in told.secrets:
        assert not [value for value in values if secret in value]
    for value in values:
        assert not re.search(r"[0-9a-f]{8}-|[\w-]{43}|[?@ ]|\d{5}(?!\b)", value) or value.startswith(
            "http://127.0.0.1:"
        )
    assert len(values) < 1000


def test_nobody_reaches_them_from_outside(told: Told, house: House):
    for door in {house.url, *(role.url for role in told.stack.roles)}:
        with pytest.raises(HTTPError, match="404") as refused:
            urlopen(f"{door}/metrics", timeout=WITHIN_S)
        assert b"abdre_" not in refused.value.read()


@pytest.fixture
def several(house: House) -> Iterator[Role]:
    """user_svc as in a container, with three workers."""
    assert house.stack is not None
    role = Role("user", {**house.stack.all_of("user")[0].environment, "WEB_CONCURRENCY": "3"})
    role.environment["ABDRE_METRICS_PORT"] = str(free_port())
    try:
        role.begin("gunicorn")
        role.wait_until_ready()
        yield role
    finally:
        role.stop()


def workers_of(role: Role) -> set[int]:
    assert role.process is not None
    return {int(one) for one in Path(f"/proc/{role.process.pid}/task/{role.process.pid}/children").read_text().split()}


def ask(role: Role, times: int) -> None:
    """Of all workers, each connection being taken by one of them."""
    for _ in range(times):
        answers(f"{role.url}/api/users/me")


def refused(role: Role) -> float:
    sums = summed(scraped_at(role.metrics_port), "abdre_http_requests_total", "route", "status")
    return sums.get(("/api/users/me", "401"), 0)


async def test_several_workers_are_one_also_after_one_of_them_was_killed_and_replaced(several: Role):
    async with asyncio.timeout(30):
        while len(workers_of(several)) < 3:
            await asyncio.sleep(0.1)
    await asyncio.to_thread(ask, several, 60)
    before = refused(several)
    killed = min(workers_of(several))
    os.kill(killed, signal.SIGKILL)
    async with asyncio.timeout(30):
        while killed in workers_of(several) or len(workers_of(several)) < 3:
            await asyncio.sleep(0.1)

    await asyncio.to_thread(ask, several, 60)

    assert (before, refused(several)) == (60, 120)
    samples = scraped_at(several.metrics_port)
    assert summed(samples, "abdre_build_info", "role") == {("user",): 1}
    assert summed(samples, "abdre_http_requests_in_progress") == {(): 0}
