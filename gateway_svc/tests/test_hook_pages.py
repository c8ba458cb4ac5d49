"""Webhooks on the page of those who manage a chat."""

import pytest
from django.test import AsyncClient

from gateway_svc.tests.conftest import CHAT, Services, chat, html

PAGE, API = f"/chats/{CHAT}/integrations", f"/api/chats/{CHAT}"
ID = "7c6a1b1e-6b57-4f0c-8f0a-0a8f6f4e2a10"
INCOMING = {
    "id": ID, "name": "CI <b>", "bot": ID, "ending": "xxxx", "is_on": True, "created_at": "2026-11-20T08:00:00.000Z",
    "last_used_at": None,
}  # fmt: skip
DELIVERY = {"at": "2026-11-20T08:00:00.000Z", "count": 2, "status": 500, "problem": "refused"}
OUTGOING = {
    "id": ID, "name": "CRM <b>", "bot": ID, "url": "https://hooks.example.org/<b>", "created_at": DELIVERY["at"],
    "failing_since": DELIVERY["at"], "off_at": None,
    "deliveries": [DELIVERY, {**DELIVERY, "count": 1, "status": None, "problem": "timeout"}],
}  # fmt: skip


@pytest.fixture(autouse=True)
def listed(services: Services) -> None:
    services.answer("chat", "GET", "/api/chats", {"items": [chat()], "next": None})
    services.answer("chat", "GET", API, chat())
    services.answer("chat", "GET", f"{API}/incoming-hooks", {"items": [INCOMING]})
    services.answer(
        "chat", "GET", f"{API}/outgoing-hooks", {"items": [OUTGOING, {**OUTGOING, "off_at": DELIVERY["at"]}]}
    )


async def test_hooks_are_listed_with_their_state_and_what_came_of_them(ada: AsyncClient) -> None:
    page = html(await ada.get(PAGE))

    for words in ("CI &lt;b&gt;", "…xxxx", "never used", "CRM &lt;b&gt;", "https://hooks.example.org/&lt;b&gt;"):
        assert words in page
    for words in ("2 events: answered 500", "1 event: no answer in time", "failing since", "switched off", "Switch on"):
        assert words in page


@pytest.mark.parametrize(
    ("path", "form", "api", "wanted", "shown"),
    [
        ("incoming", {"name": "CI"}, "incoming-hooks", {"name": "CI"}, "/api/chats/hooks/s3cret"),
        (
            "outgoing",
            {"target": "CRM", "url": "https://a.example/"},
            "outgoing-hooks",
            {"name": "CRM", "url": "https://a.example/"},
            "s3cret",
        ),
    ],
)
async def test_what_is_made_is_shown_this_once(
    ada: AsyncClient, services: Services, path: str, form: dict[str, str], api: str, wanted: dict[str, str], shown: str
) -> None:
    services.answer("chat", "POST", f"{API}/{api}", {"id": ID, "secret": "s3cret"}, status=201)

    made = await ada.post(f"{PAGE}/{path}", form)

    assert services.call("chat", "POST", f"{API}/{api}").json == wanted
    assert html(made).count(shown) == 2
    assert "s3cret" not in html(await ada.get(PAGE))


@pytest.mark.parametrize("field", ["name", "url"])
async def test_what_is_wrong_is_said_at_its_field(ada: AsyncClient, services: Services, field: str) -> None:
    services.refuse("chat", "POST", f"{API}/outgoing-hooks", 422, "invalid", fields={field: ["Not this one."]})

    answer = await ada.post(f"{PAGE}/outgoing", {"target": "CRM", "url": "https://a.example/"})

    assert answer.status_code == 422
    place = "target" if field == "name" else field
    assert f'id="error-{place}">Not this one.' in html(answer)
    assert 'value="https://a.example/"' in html(answer)


@pytest.mark.parametrize(
    ("deed", "method", "path"),
    [
        ("delete_incoming", "DELETE", f"{API}/incoming-hooks/{ID}"),
        ("delete_outgoing", "DELETE", f"{API}/outgoing-hooks/{ID}"),
        ("on_outgoing", "POST", f"{API}/outgoing-hooks/{ID}/on"),
    ],
)
async def test_what_is_pressed_is_done(ada: AsyncClient, services: Services, deed: str, method: str, path: str) -> None:
    services.answer("chat", method, path, None, status=204)

    assert (await ada.post(f"{PAGE}/{ID}", {"deed": deed}))["Location"] == PAGE
    assert services.call("chat", method, path)


@pytest.mark.parametrize("deed", ["renew_incoming", "renew_outgoing"])
async def test_another_secret_is_shown_this_once(ada: AsyncClient, services: Services, deed: str) -> None:
    kind = deed.removeprefix("renew_")
    services.answer("chat", "POST", f"{API}/{kind}-hooks/{ID}/secret", {"id": ID, "secret": "s3cret"}, status=201)

    assert "s3cret" in html(await ada.post(f"{PAGE}/{ID}", {"deed": deed}))


async def test_another_deed_is_none(ada: AsyncClient) -> None:
    assert (await ada.post(f"{PAGE}/{ID}", {"deed": "open"})).status_code == 400


async def test_who_does_not_manage_the_chat_is_told_so(ada: AsyncClient, services: Services) -> None:
    services.refuse("chat", "GET", f"{API}/incoming-hooks", 403, "not_allowed")

    assert (await ada.get(PAGE)).status_code == 403


async def test_a_stranger_is_sent_to_the_login(stranger: AsyncClient) -> None:
    assert (await stranger.get(PAGE))["Location"].startswith("/login?")
