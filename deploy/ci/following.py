"""One page, followed by its request id alone: through the logs of all that worked on it, and by its trace."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from typing import Any

from deploy.tests.collector import Collector, Span
from deploy.tests.faults.house import House, by_hand
from deploy.tests.people import Town

TOLD_WITHIN_S = 6.0  # spans go out in batches, every five seconds
PARTS = ("gateway", "chat", "user", "postgresql", "redis")


async def followed(house: House, collector: Collector) -> dict[str, bool]:
    """Of each part whether it is there."""
    request_id = await asked_for(house)
    lines = list(lines_with(request_id, house))
    for role, line in lines:
        did = "  ".join(str(line[name]) for name in ("method", "path", "status", "ms") if name in line)
        print(f"  {role:9}{line['timestamp'][11:23]}  {line['event']}  {did}")
    await asyncio.sleep(TOLD_WITHIN_S)
    spans = await by_hand(collector.wait_for, lambda spans: any(is_of(span, request_id) for span in spans))
    of_lines = {line["trace_id"] for _, line in lines}
    of_spans = {span.trace_id for span in spans if is_of(span, request_id)}
    trace = [span for span in spans if span.trace_id in of_spans]
    print(f"\ntrace {', '.join(of_lines | of_spans)}, {len(trace)} spans\n", *drawn(trace, "", 1), sep="\n")
    has = {span.facts.get("db.system") for span in trace} | {span.service for span in trace}
    return {"one trace id in logs and spans": of_lines == of_spans} | {f"{part} in it": part in has for part in PARTS}


async def asked_for(house: House) -> str:
    async with Town(house.url) as town:
        ada = await town.guest("Ada")
        chat = await ada.start_chat("Lunch")
        page = await ada.get(f"/chats/{chat}", Cookie=f"abdre_access={ada.token}")
    request_id = page.headers["X-Request-ID"]
    print(f"\nGET /chats/… was answered {page.status}, X-Request-ID: {request_id}\n")
    return request_id


def is_of(span: Span, request_id: str) -> bool:
    return bool(span.facts.get("request_id") == request_id)


def lines_with(request_id: str, house: House) -> Iterator[tuple[str, dict[str, Any]]]:
    for role in house.stack.roles:
        for line in role.log.read_text().splitlines():
            if request_id in line:
                yield role.name, json.loads(line)


def drawn(spans: Sequence[Span], parent_id: str, depth: int) -> Iterator[str]:
    for span in sorted(spans, key=lambda span: span.began_ns):
        if span.parent_id == parent_id:
            statement = str(span.facts.get("db.statement", ""))[:60].replace("\n", " ")
            yield f"{'  ' * depth}{span.service} · {span.name} · {span.took_ms:.1f} ms  {statement}".rstrip()
            yield from drawn(spans, span.span_id, depth + 1)
