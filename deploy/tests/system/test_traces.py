"""One request, followed by its id through the logs of all that worked on it, and by one trace."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, NamedTuple

import pytest

from deploy.ci.servers import free_port
from deploy.ci.stack import Role
from deploy.tests.collector import Collector, Span, collecting
from deploy.tests.conftest import House
from deploy.tests.people import Town

pytestmark = [pytest.mark.split]

POSTED = "POST /api/chats/<uuid:chat_id>/messages"


class Traced(NamedTuple):
    """A gateway and a chat service beside those of the house, which tell a collector what they do."""

    gateway: Role
    chat: Role
    collector: Collector

    def lines_of(self, role: Role, request_id: str) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in role.log.read_text().splitlines() if line.startswith("{")]
        return [line for line in lines if line.get("request_id") == request_id]


@pytest.fixture(scope="module")
def traced(house: House) -> Iterator[Traced]:
    assert house.stack is not None
    with ExitStack() as belongings:
        collector = belongings.enter_context(collecting())
        told = {"ABDRE_OTEL_ENDPOINT": collector.url, "ABDRE_LOG_FORMAT": "json", "ABDRE_LOG_LEVEL": "INFO"}
        told["OTEL_BSP_SCHEDULE_DELAY"] = "200"  # milliseconds from batch to batch; five seconds otherwise
        chat_port = free_port()
        aims = {"chat": chat_port, "gateway": free_port()}
        chat_url = {"ABDRE_CHAT_URL": f"http://127.0.0.1:{chat_port}"}
        roles = [
            Role(name, {**house.stack.all_of(name)[0].environment, **told, **chat_url}, port=port)
            for name, port in aims.items()
        ]
        for role in roles:
            belongings.callback(role.stop)
            role.begin()
        for role in roles:
            role.wait_until_ready()
        yield Traced(roles[1], roles[0], collector)


def is_of(span: Span, request_id: str) -> bool:
    return bool(span.facts.get("request_id") == request_id)


def told_of(spans: list[Span], request_id: str) -> set[tuple[str, str]]:
    """By which service, and the last word of what it did."""
    return {(span.service, span.name.rpartition("/")[2]) for span in spans if is_of(span, request_id)}


def under(spans: list[Span], parent: Span) -> list[Span]:
    return [span for span in spans if span.parent_id == parent.span_id]


async def test_a_page_is_one_trace_down_to_its_statements(town: Town, house: House, traced: Traced):
    ada = await town.guest("Ada")
    chat = await ada.start_chat("Lunch")
    ada.base = traced.gateway.url

    page = await ada.get(f"/chats/{chat}", Cookie=f"abdre_access={ada.token}")

    assert page.status == 200
    request_id = page.headers["X-Request-ID"]
    # Each process tells by itself, a batch after another.
    wanted = {("gateway", "<uuid:chat_id>"), ("chat", "messages")}
    traced.collector.wait_for(lambda spans: wanted <= told_of(spans, request_id))
    [door] = [one for one in traced.collector.spans if is_of(one, request_id) and one.service == "gateway"]
    trace = traced.collector.trace(door.trace_id)
    assert (door.name, door.parent_id) == ("GET /chats/<uuid:chat_id>", "")
    asked = [span for span in under(trace, door) if span.facts.get("peer.service") == "chat"]
    [answered] = [span for one in asked for span in under(trace, one) if span.name.endswith("/messages")]
    assert (answered.service, answered.facts["request_id"]) == ("chat", request_id)
    systems = {span.facts.get("db.system") for span in under(trace, answered)}
    assert {"postgresql", "redis"} <= systems
    lines = {role.name: traced.lines_of(role, request_id) for role in (traced.gateway, traced.chat)}
    assert {line["trace_id"] for of_role in lines.values() for line in of_role} == {door.trace_id}
    assert all(lines.values())


async def test_a_message_and_the_batch_that_wrote_it_point_to_each_other(town: Town, traced: Traced):
    ada = await town.guest("Ada")
    chat = await ada.start_chat()
    ada.base = traced.gateway.url

    await ada.write(chat, "nobody else's business")

    spans = traced.collector.wait_for(lambda spans: {"write messages", POSTED} <= {span.name for span in spans})
    [batch] = [span for span in spans if span.name == "write messages"]
    [request] = [span for span in spans if batch.trace_id in span.links]
    assert (request.service, request.name) == ("chat", POSTED)
    assert batch.links == (request.trace_id,)


async def test_nothing_that_people_write_nor_a_token_is_told(town: Town, traced: Traced):
    ada = await town.guest("Ada")
    chat = await ada.start_chat("a title of ours")
    code = await ada.invite(chat)
    ada.base = traced.gateway.url
    page = await ada.get(f"/join/{code['token']}")
    message = await ada.write(chat, "nobody else's business")
    await ada.patch(f"/api/chats/{chat}/messages/{message['seq']}", {"body": "still nobody's"})
    request_id = page.headers["X-Request-ID"]
    traced.collector.wait_for(lambda spans: "gateway" in {service for service, _ in told_of(spans, request_id)})
    traced.collector.wait_for(lambda spans: any(span.name.startswith("PATCH /api/chats/<") for span in spans))

    told = b"".join(traced.collector.raw)

    for secret in (code["token"], ada.token, ada.id, chat, "business", "nobody's", "a title of ours"):
        assert secret.encode() not in told, secret
