"""What is pinned stands above the messages, and on a page of its own."""

from django.test import AsyncClient

from gateway_svc.tests.conftest import CHAT, Services, chat, html, message

PAGE = f"/chats/{CHAT}"
API = f"/api/chats/{CHAT}"
PINNED = {"pinned_at": "2026-11-22T11:00:00.000Z", "pinned_by": "x"}


def answer(services: Services, *items: dict, **facts: object) -> None:
    services.answer("chat", "GET", API, chat(last_seq=2, **facts))
    services.answer("chat", "GET", f"{API}/messages", {"items": [message(2)], "has_more": False})
    services.answer("chat", "GET", f"{API}/pins", {"items": list(items)})


async def test_the_one_pinned_last_is_shown_above_the_messages(ada: AsyncClient, services: Services) -> None:
    answer(services, message(1, "<b>read</b> me", **PINNED))

    shown = html(await ada.get(PAGE))

    assert f'href="{PAGE}?at=1" data-seq="1"' in shown
    assert "Ada: &lt;b&gt;read&lt;/b&gt; me" in shown


async def test_where_nothing_is_pinned_there_is_no_bar(ada: AsyncClient, services: Services) -> None:
    answer(services)

    assert 'aria-label="Pinned messages" hidden>' in html(await ada.get(PAGE))


async def test_all_of_them_are_on_a_page(ada: AsyncClient, services: Services) -> None:
    answer(services, message(2, "two", **PINNED), message(1, "one", **PINNED))

    shown = html(await ada.get(f"{PAGE}/pins"))

    assert shown.index('data-seq="2"') < shown.index('data-seq="1"')
    assert f"{PAGE}/messages/1/unpin" in shown


async def test_who_may_not_pin_is_offered_nothing(ada: AsyncClient, services: Services) -> None:
    answer(services, message(1, **PINNED), role="member")

    for path in (PAGE, f"{PAGE}/pins"):
        assert "/messages/1/unpin" not in html(await ada.get(path))


async def test_who_may_not_pin_is_told_so_before_they_press(ada: AsyncClient, services: Services) -> None:
    answer(services, role="member")

    for deed in ("pin", "unpin"):
        assert (await ada.get(f"{PAGE}/messages/2/{deed}")).status_code == 403


async def test_a_message_is_pinned_and_unpinned_without_scripts(ada: AsyncClient, services: Services) -> None:
    answer(services)
    for method in ("PUT", "DELETE"):
        services.answer("chat", method, f"{API}/messages/2/pin", message(2))

    asked = await ada.get(f"{PAGE}/messages/2/pin")
    done = [await ada.post(f"{PAGE}/messages/2/{deed}") for deed in ("pin", "unpin")]

    assert "Pin this message?" in html(asked)
    assert [response["Location"] for response in done] == [PAGE, PAGE]
    assert services.calls("chat", "PUT", f"{API}/messages/2/pin")
    assert services.calls("chat", "DELETE", f"{API}/messages/2/pin")
