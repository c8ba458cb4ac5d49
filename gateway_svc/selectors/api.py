"""Asking the services as one visitor sees them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any, TypeVar

from abdre.service_client import TIMEOUT_S, Answer, ServiceAway
from gateway_svc.errors import Refused, refusal

# For what is asked when the time is up already, as after a deed that took long.
LEAST_S = 0.1
Json = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True)
class Api:
    """`ask` is `abdre.service_client.call`, bound to the visitor's request."""

    ask: Callable[..., Awaitable[Answer]]
    headers: dict[str, str] = field(default_factory=dict)
    # What is asked one after the other has one time-out together: a page has it only once.
    began_at: float = field(default_factory=monotonic)

    def signed_in(self, access: str) -> "Api":
        """The same visitor, a moment after a service has signed them in."""
        return self.with_header("authorization", f"Bearer {access}")

    def with_header(self, name: str, value: str) -> "Api":
        return replace(self, headers={**self.headers, name: value})

    async def get(self, service: str, path: str, **query: Any) -> Json:
        """The answer's JSON. Raises Refused, ServiceAway."""
        asked = {name: value for name, value in query.items() if value is not None}
        left_s = max(LEAST_S, self.began_at + TIMEOUT_S - monotonic())
        return as_json(await self.answer(service, "GET", path, query=asked, timeout_s=left_s))

    async def text(self, service: str, path: str) -> str:
        return (await self.answer(service, "GET", path)).text

    async def post(self, service: str, path: str, json: Json | None = None) -> Json:
        return as_json(await self.answer(service, "POST", path, json={} if json is None else json))

    async def put(self, service: str, path: str, json: Json | None = None) -> Json:
        return as_json(await self.answer(service, "PUT", path, json={} if json is None else json))

    async def patch(self, service: str, path: str, json: Json) -> Json:
        return as_json(await self.answer(service, "PATCH", path, json=json))

    async def put_file(self, service: str, path: str, file: bytes) -> Json:
        return as_json(await self.answer(service, "PUT", path, file=file))

    async def patch_file(self, service: str, path: str, part: bytes, headers: dict[str, str]) -> Json:
        api = replace(self, headers={**self.headers, **headers})
        return as_json(await api.answer(service, "PATCH", path, file=part))

    async def delete(self, service: str, path: str, **query: Any) -> None:
        await self.answer(service, "DELETE", path, query=query)

    async def answer(self, service: str, method: str, path: str, **options: Any) -> Answer:
        answer = await self.ask(service, method, path, headers=self.headers, **options)
        if not answer.ok:
            raise refusal(answer.status, answer.body, answer.retry_after_s)
        return answer


def as_json(answer: Answer) -> Json:
    return answer.body if isinstance(answer.body, dict) else {}


async def part(asked: Awaitable[T]) -> T | None:
    """A part of a page; None when its service is away or fails, so that the rest of the page still comes."""
    try:
        return await asked
    except ServiceAway:
        return None
    except Refused as problem:
        if problem.is_fault:
            return None
        raise
