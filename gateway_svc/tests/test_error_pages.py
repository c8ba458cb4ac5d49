"""Refusals as pages, with the request's id and a way on; as JSON under /api/."""

import json
import re
from typing import Any

import pytest
from django.test import AsyncClient, RequestFactory

from abdre.door import Door
from abdre.errors import Unavailable
from gateway_svc import views
from gateway_svc.tests.conftest import CHAT, Services, html
from gateway_svc.views.errors import error_page


async def test_an_unknown_page_tells_its_request_id_and_leads_home(stranger: AsyncClient) -> None:
    response = await stranger.get("/nowhere", headers={"X-Request-ID": "abc123"})

    assert response.status_code == 404
    assert "abc123" in html(response)
    assert 'href="/"' in html(response)


async def test_who_is_signed_in_is_led_to_their_chats_too(ada: AsyncClient, stranger: AsyncClient) -> None:
    mine, theirs = html(await ada.get("/nowhere")), html(await stranger.get("/nowhere"))

    assert ('href="/chats"' in mine, 'href="/"' in mine) == (True, True)
    assert 'href="/chats"' not in theirs


@pytest.mark.parametrize("status", [400, 403, 404, 408, 410, 413, 429, 500, 502, 503, 504])
def test_each_has_its_own_words(status: int) -> None:
    response = error_page(RequestFactory().get("/x"), status)

    assert response.status_code == status
    assert str(status) in html(response)
    assert "button--primary" in html(response)


def test_a_status_without_words_of_its_own_is_a_fault() -> None:
    assert error_page(RequestFactory().get("/x"), 418).status_code == 500


@pytest.mark.parametrize(
    ("handler", "status"), [(views.bad_request, 400), (views.forbidden, 403), (views.not_found, 404)]
)
def test_the_services_addresses_answer_in_json(handler: object, status: int) -> None:
    api = handler(RequestFactory().get("/api/nowhere"), Exception())  # type: ignore[operator]
    page = handler(RequestFactory().get("/nowhere"), Exception())  # type: ignore[operator]

    assert (api.status_code, page.status_code) == (status, status)
    assert api["Content-Type"] == "application/json"
    assert page["Content-Type"].startswith("text/html")


def test_a_fault_answers_both_ways_too() -> None:
    assert views.server_error(RequestFactory().get("/api/x"))["Content-Type"] == "application/json"
    assert views.server_error(RequestFactory().get("/x")).status_code == 500


async def test_what_a_service_says_of_its_own_fault_stays_inside(ada: AsyncClient, services: Services) -> None:
    services.refuse("chat", "GET", f"/api/chats/{CHAT}", 500, "secret_detail")

    response = await ada.get(f"/chats/{CHAT}")

    assert response.status_code == 500
    assert "secret_detail" not in html(response)


async def test_what_a_service_says_of_a_refusal_reaches_the_person(ada: AsyncClient, services: Services) -> None:
    services.refuse("chat", "DELETE", f"/api/chats/{CHAT}", 403, "not_allowed")

    response = await ada.post(f"/chats/{CHAT}/close")

    assert response.status_code == 403
    assert "The service said not_allowed." in html(response)


async def test_a_method_that_an_address_does_not_take(ada: AsyncClient) -> None:
    response = await ada.get(f"/chats/{CHAT}/leave")

    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert "This address is opened in another way." in html(response)
    assert 'href="/"' in html(response)
    assert (await ada.post("/security")).status_code == 405


async def knock(path: str, *, method: str = "GET", length: str = "0") -> tuple[int, dict[str, str], str]:
    """At the door of this role, before which nobody has answered."""
    sent: list[dict[str, Any]] = []

    async def inside(scope: Any, receive: Any, send: Any) -> None:
        raise Unavailable(retry_after_s=3)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "scheme": "http"}
    headers = [(b"host", b"testserver"), (b"content-length", length.encode())]
    await Door(inside)({**scope, "client": ("10.0.0.9", 5), "headers": headers}, receive, send)
    named = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], named, sent[1]["body"].decode()


async def test_a_service_that_is_away_is_a_page_to_a_browser_that_goes_there() -> None:
    status, headers, body = await knock("/admin/")

    assert (status, headers["retry-after"]) == (503, "3")
    assert "Back in a moment" in body
    assert headers["x-request-id"] in body


async def test_what_the_door_itself_refuses_is_a_page_too() -> None:
    status, headers, body = await knock("/start", method="POST", length="99999999")

    assert status == 413
    assert headers["content-type"].startswith("text/html")
    assert "Too large" in body


async def test_programs_are_told_as_ever() -> None:
    _, headers, body = await knock("/api/chats")

    assert headers["content-type"] == "application/json"
    assert json.loads(body)["error"]["code"] == "unavailable"


async def test_a_pages_scripts_are_those_with_its_nonce_and_no_other(stranger: AsyncClient) -> None:
    first, second = await stranger.get("/"), await stranger.get("/")

    nonces = [re.search(r"script-src 'nonce-([\w-]+)';", page["Content-Security-Policy"]) for page in (first, second)]
    assert all(nonces)
    assert nonces[0][1] != nonces[1][1]  # type: ignore[index]
    assert re.findall(r"<script(?! [^>]*nonce=)", html(first)) == []
    assert f'nonce="{nonces[0][1]}"' in html(first)  # type: ignore[index]
