"""Drafts, messages sent later, reminders and reports, as pages and forms that need no script."""

import datetime as dt
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.test import AsyncClient
from django.utils import timezone

from gateway_svc.selectors import later
from gateway_svc.tests.conftest import CHAT, Services, chat, html, message, person

PAGE = f"/chats/{CHAT}"
API = f"/api/chats/{CHAT}"
DRAFT = {"body": "<b>half</b> a thought", "reply_to": 2, "saved_at": "2026-11-22T11:00:00.000Z"}
ALMATY = ZoneInfo("Asia/Almaty")


def scheduled(**facts: object) -> dict:
    return {
        "id": str(uuid4()),
        "chat": CHAT,
        "client_id": str(uuid4()),
        "body": "<i>later</i>",
        "reply_to": None,
        "send_at": "2026-12-01T04:00:00.000Z",
        "created_at": "2026-11-22T11:00:00.000Z",
        "problem": None,
        **facts,
    }


def answer(services: Services, **facts: object) -> None:
    services.answer("chat", "GET", "/api/chats", {"items": [chat(**facts)], "next": None})
    services.answer("chat", "GET", API, chat(last_seq=2, **facts))
    services.answer("chat", "GET", f"{API}/messages", {"items": [message(2)], "has_more": False})
    services.answer("chat", "GET", f"{API}/pins", {"items": []})


async def test_what_was_begun_elsewhere_stands_in_the_field_and_in_the_list(ada: AsyncClient, services: Services):
    answer(services, draft=DRAFT)

    open_chat, listed = html(await ada.get(PAGE)), html(await ada.get("/chats"))

    assert "&lt;b&gt;half&lt;/b&gt; a thought</textarea>" in open_chat
    assert 'data-draft-reply-to="2"' in open_chat
    assert 'data-draft="Draft:"' not in open_chat
    assert 'data-draft="Draft:">&lt;b&gt;half&lt;/b&gt; a thought</span>' in listed


async def test_what_is_sent_without_a_script_is_no_draft_any_more(ada: AsyncClient, services: Services):
    answer(services, draft=DRAFT)
    services.answer("chat", "POST", f"{API}/messages", message(3))
    services.answer("chat", "DELETE", f"{API}/draft", {})

    await ada.post(f"{PAGE}/messages", {"body": "whole", "has_draft": "1"})

    assert services.calls("chat", "DELETE", f"{API}/draft")


async def test_the_composer_offers_to_send_later(ada: AsyncClient, services: Services):
    answer(services)

    shown = html(await ada.get(PAGE))

    assert shown.count(f'formaction="{PAGE}/schedule"') == 3
    assert f'href="{PAGE}/scheduled"' in shown


async def test_in_an_hour_is_in_an_hour(ada: AsyncClient, services: Services):
    services.answer("chat", "POST", f"{API}/scheduled", scheduled())

    done = await ada.post(f"{PAGE}/schedule", {"body": "later", "client_id": CHAT, "reply_to": "2", "when": "hour"})

    assert done["Location"] == f"{PAGE}/scheduled"
    sent = services.call("chat", "POST", f"{API}/scheduled").json
    assert (sent["body"], sent["client_id"], sent["reply_to"]) == ("later", CHAT, 2)
    left = dt.datetime.fromisoformat(sent["send_at"]) - timezone.now()
    assert dt.timedelta(minutes=59) < left <= dt.timedelta(hours=1)


def test_tomorrow_morning_is_nine_oclock_in_the_readers_zone(monkeypatch: pytest.MonkeyPatch):
    # In Almaty it is the next day already.
    monkeypatch.setattr(timezone, "now", lambda: dt.datetime(2026, 11, 26, 22, 0, tzinfo=dt.UTC))

    assert later.chosen("tomorrow", "", ALMATY) == dt.datetime(2026, 11, 28, 9, tzinfo=ALMATY)
    assert later.chosen("tomorrow", "", ZoneInfo("UTC")) == dt.datetime(2026, 11, 27, 9, tzinfo=dt.UTC)


@pytest.mark.parametrize("at", ["", "soon", "9999-99-99T00:00"])
def test_what_is_no_moment_is_none(at: str):
    assert later.chosen("pick", at, ALMATY) is None


async def test_a_moment_of_ones_own_is_in_the_zone_that_the_browser_names(ada: AsyncClient, services: Services):
    services.answer("chat", "POST", f"{API}/scheduled", scheduled())
    form = {"body": "later", "when": "pick", "at": "2026-12-01T09:00", "zone": "Asia/Almaty"}

    await ada.post(f"{PAGE}/schedule", form)
    ada.cookies["time_zone"] = "Europe/Berlin"
    await ada.post(f"{PAGE}/schedule", form)

    sent = [call.json["send_at"] for call in services.calls("chat", "POST", f"{API}/scheduled")]
    assert sent == ["2026-12-01T04:00:00.000Z", "2026-12-01T08:00:00.000Z"]


async def test_a_moment_is_asked_for_with_the_words_kept(ada: AsyncClient, services: Services):
    answer(services)

    shown = await ada.post(f"{PAGE}/schedule", {"body": "<i>later</i>", "when": "pick", "client_id": CHAT})

    assert shown.status_code == 200
    assert "&lt;i&gt;later&lt;/i&gt;</textarea>" in html(shown)
    assert 'type="datetime-local"' in html(shown)
    assert f'value="{CHAT}"' in html(shown)


async def test_files_are_not_left_behind_without_a_word(ada: AsyncClient, services: Services):
    answer(services)

    shown = await ada.post(f"{PAGE}/schedule", {"body": "with this", "when": "hour", "files": ["", "a.txt"]})

    assert "Files cannot be sent later. Only the text will be." in html(shown)
    assert "with this</textarea>" in html(shown)
    assert services.calls("chat", "POST", f"{API}/scheduled") == []


async def test_why_it_does_not_wait_is_said_beside_the_words(ada: AsyncClient, services: Services):
    answer(services)
    services.refuse("chat", "POST", f"{API}/scheduled", 409, "too_many_scheduled")

    shown = await ada.post(f"{PAGE}/schedule", {"body": "later", "when": "hour"})

    assert shown.status_code == 409
    assert "later</textarea>" in html(shown)
    assert 'role="alert"' in html(shown)


async def test_what_waits_is_listed_with_why_it_could_not_be_sent(ada: AsyncClient, services: Services):
    answer(services)
    items = [scheduled(), scheduled(problem="chat_over"), scheduled(problem="something_new")]
    for path in (f"{API}/scheduled", "/api/chats/scheduled"):
        services.answer("chat", "GET", path, {"items": items})

    for path in (f"{PAGE}/scheduled", "/scheduled"):
        shown = html(await ada.get(path))
        assert shown.count("&lt;i&gt;later&lt;/i&gt;") == 3
        assert "Not sent: This chat is over." in shown
        assert "Not sent: It could not be sent." in shown
        assert "1 December, 04:00" in shown


async def test_chats_that_the_list_beside_it_does_not_show_are_asked_for_by_name(ada: AsyncClient, services: Services):
    answer(services)
    far, left = (f"{number}1111111-1111-4111-8111-111111111111" for number in "23")
    items = [scheduled(), scheduled(chat=far), scheduled(chat=left)]
    services.answer("chat", "GET", "/api/chats/scheduled", {"items": items})
    services.answer("chat", "GET", f"/api/chats/{far}", chat(id=far, title="Far away"))

    shown = html(await ada.get("/scheduled"))

    assert [shown.count(f'dir="auto">{name}</a>') for name in ("Tea", "Far away", "Chat")] == [1, 1, 1]
    assert services.calls("chat", "GET", API) == []


async def test_it_is_changed_cancelled_and_sent_at_once(ada: AsyncClient, services: Services):
    answer(services)
    item = scheduled()
    page, api = f"{PAGE}/scheduled/{item['id']}", f"{API}/scheduled/{item['id']}"
    services.answer("chat", "GET", "/api/chats/scheduled", {"items": [item]})
    services.answer("chat", "PATCH", api, item)
    services.answer("chat", "DELETE", api, {})
    services.answer("chat", "POST", f"{api}/send", message(3))

    assert 'value="2026-12-01T04:00" data-moment="2026-12-01T04:00:00.000Z"' in html(await ada.get(page))
    changed = await ada.post(page, {"body": "other", "when": "pick", "at": "2026-12-02T04:00"})
    sent, cancelled = await ada.post(f"{page}/send"), await ada.post(f"{page}/cancel", {"all": "1"})

    assert [done["Location"] for done in (changed, sent, cancelled)] == [f"{PAGE}/scheduled", PAGE, "/scheduled"]
    assert services.call("chat", "PATCH", api).json == {"body": "other", "send_at": "2026-12-02T04:00:00.000Z"}


async def test_what_waits_no_longer_is_not_there(ada: AsyncClient, services: Services):
    answer(services)
    services.answer("chat", "GET", "/api/chats/scheduled", {"items": []})

    assert (await ada.get(f"{PAGE}/scheduled/{uuid4()}")).status_code == 404


async def test_one_is_reminded_of_a_message(ada: AsyncClient, services: Services):
    answer(services)
    services.answer("chat", "POST", f"{API}/messages/2/reminder", {"id": CHAT})

    asked = html(await ada.get(f"{PAGE}/messages/2/remind"))
    done = await ada.post(f"{PAGE}/messages/2/remind", {"when": "minutes"})
    without = await ada.post(f"{PAGE}/messages/2/remind", {"when": "pick", "at": ""})

    assert "In 20 minutes" in asked
    assert "hello" in asked
    assert done["Location"] == "/reminders"
    at = dt.datetime.fromisoformat(services.call("chat", "POST", f"{API}/messages/2/reminder").json["at"])
    assert dt.timedelta(minutes=19) < at - timezone.now() <= dt.timedelta(minutes=20)
    assert (without.status_code, "Choose a day and a time." in html(without)) == (422, True)


async def test_reminders_are_listed_and_taken_off(ada: AsyncClient, services: Services):
    answer(services)
    one = {
        "id": CHAT,
        "chat": CHAT,
        "seq": 2,
        "at": "2026-12-01T04:00:00.000Z",
        "told_at": None,
        "text": "Ada: <b>tea</b>",
    }
    items = [one, {**one, "told_at": one["at"]}]
    services.answer("chat", "GET", "/api/chats/reminders", {"items": items})
    services.answer("chat", "DELETE", f"/api/chats/reminders/{CHAT}", {})

    shown = html(await ada.get("/reminders"))
    done = await ada.post(f"/reminders/{CHAT}/drop")

    assert shown.count("Ada: &lt;b&gt;tea&lt;/b&gt;") == 2
    assert shown.count("was due") == 1
    assert f'href="{PAGE}?at=2"' in shown
    assert done["Location"] == "/reminders"


async def test_a_message_is_reported_and_one_is_thanked(ada: AsyncClient, services: Services):
    answer(services)
    services.answer("chat", "POST", f"{API}/messages/2/report", {"id": CHAT})
    page = f"{PAGE}/messages/2/report"

    asked = html(await ada.get(page))
    done = await ada.post(page, {"reason": "spam", "note": "look\r\nhere"})
    thanked = html(await ada.get(done["Location"]))

    assert asked.count('type="radio" name="reason"') == 7
    assert services.call("chat", "POST", f"{API}/messages/2/report").json == {"reason": "spam", "note": "look\nhere"}
    assert done["Location"] == f"{page}?done=1"
    assert "Thank you." in thanked


async def test_a_person_is_reported(ada: AsyncClient, services: Services):
    answer(services)
    other = str(uuid4())
    services.answer("user", "GET", f"/api/users/{other}", person(other, "Bob"))
    services.answer("chat", "POST", "/api/chats/reports", {"id": CHAT})

    asked = html(await ada.get(f"/people/{other}/report"))
    await ada.post(f"/people/{other}/report", {"reason": "other"})

    assert "Bob" in asked
    sent = services.call("chat", "POST", "/api/chats/reports").json
    assert sent == {"kind": "person", "id": other, "reason": "other", "note": ""}


async def test_a_report_without_a_reason_asks_again(ada: AsyncClient, services: Services):
    answer(services)
    services.refuse("chat", "POST", f"{API}/messages/2/report", 422, "invalid")

    shown = await ada.post(f"{PAGE}/messages/2/report", {"note": "<b>look</b>"})

    assert shown.status_code == 422
    assert "&lt;b&gt;look&lt;/b&gt;</textarea>" in html(shown)


async def test_ones_own_message_has_no_way_to_report_it(ada: AsyncClient, services: Services):
    answer(services)

    assert f"{PAGE}/messages/2/report" not in html(await ada.get(PAGE))
    services.answer(
        "chat", "GET", f"{API}/messages", {"items": [message(2, sender=person(str(uuid4())))], "has_more": False}
    )
    assert f"{PAGE}/messages/2/report" in html(await ada.get(PAGE))
