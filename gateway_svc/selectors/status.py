"""How the services are, for staff: what each says of itself, and what the breakers before it think."""

import asyncio
from dataclasses import dataclass
from time import perf_counter

from django.conf import settings
from django.utils.translation import gettext as _

from abdre import service_client
from abdre.service_client import CLOSED, ServiceAway
from gateway_svc.selectors.api import Api

READY = 200


@dataclass(frozen=True)
class Service:
    name: str
    is_well: bool
    state: str
    details: list[str]


async def services(api: Api) -> list[Service]:
    """All of them, asked side by side."""
    return list(await asyncio.gather(*(_service(api, name) for name in settings.UPSTREAMS)))


async def _service(api: Api, name: str) -> Service:
    began = perf_counter()
    try:
        answer = await api.ask(name, "GET", "/readyz")
    except ServiceAway:
        return Service(name, is_well=False, state=_("away"), details=_breakers(name))
    took = _("answered in %(ms)d ms") % {"ms": (perf_counter() - began) * 1000}
    checks = answer.body.get("checks", {}) if isinstance(answer.body, dict) else {}
    lacks = [f"{need}: {result}" for need, result in checks.items() if result != "ok"]
    is_well = answer.status == READY
    return Service(name, is_well, _("ready") if is_well else _("not ready"), [took, *lacks, *_breakers(name)])


def _breakers(name: str) -> list[str]:
    """Those that are not as they should be, in the process that drew this page."""
    states = service_client.states().get(name, {})
    breaker = _("breaker")
    return [f"{address}: {breaker} {state}" for address, state in states.items() if state != CLOSED]
