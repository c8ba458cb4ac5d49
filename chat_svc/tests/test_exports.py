"""A chat as a file: for its members, of what they may read, and harmless to look at."""

from __future__ import annotations

import json
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from abdre import jobs
from chat_svc import services
from chat_svc.models import Chat, ChatExport, Membership, Message
from chat_svc.selectors.exporting import written_export
from chat_svc.tests.conftest import Api, say

if TYPE_CHECKING:
    from user_svc.models import User

HOSTILE = "<script>alert(1)</script> & <img src=x onerror=alert(1)>"


def exports_path(chat: Chat) -> str:
    return f"/api/chats/{chat.id}/exports"


def content(chat: Chat, user: User, form: str) -> str:
    with ZipFile(BytesIO(written_export(chat_id=chat.id, user_id=user.id, form=form))) as archive:
        [name] = archive.namelist()
        assert name == f"chat.{form}"
        return archive.read(name).decode()


def made(chat: Chat, user: User, form: str = "json") -> Any:
    answer = Api(user)("POST", exports_path(chat), {"format": form})
    assert (answer.status_code, answer.json()["status"]) == (202, "waiting")
    jobs.do_all()
    [export] = Api(user)("GET", exports_path(chat)).json()["items"]
    return export


@pytest.mark.parametrize("form", ["json", "html"])
def test_a_member_asks_waits_and_fetches(chat: Chat, bob: User, form: str):
    say(chat, bob, "salem")

    export = made(chat, bob, form)

    assert (export["status"], export["format"]) == ("ready", form)
    file = Api(bob)("GET", f"{exports_path(chat)}/{export['id']}/archive")
    assert file.headers["Content-Disposition"].startswith('attachment; filename="abdre-chat-')
    assert len(file.content) == export["size_bytes"]
    assert "salem" in ZipFile(BytesIO(file.content)).read(f"chat.{form}").decode()


def test_as_json_it_holds_every_message_as_the_api_tells_it(chat: Chat, ada: User, bob: User):
    for number in range(3):
        say(chat, bob, f"number {number}")
    services.delete_message(chat_id=chat.id, actor_id=bob.id, seq=2)

    told = json.loads(content(chat, ada, "json"))

    assert told["chat"]["title"] == "Tea"
    assert [message["body"] for message in told["messages"]] == ["number 0", "", "number 2"]
    assert told["messages"] == Api(ada)("GET", f"/api/chats/{chat.id}/messages").json()["items"]


def test_as_html_nothing_that_was_said_is_more_than_text(chat: Chat, ada: User, bob: User):
    services.change_chat(chat_id=chat.id, actor_id=ada.id, facts={"title": HOSTILE})
    say(chat, bob, HOSTILE)
    say(chat, bob, "again", reply_to=1)
    Message.objects.filter(seq=1).update(
        extras={"attachments": [{"name": '<b onclick="x">a</b>.png', "size": 12}], "html": HOSTILE}
    )

    page = content(chat, ada, "html")

    for tag in ("<script", "<img", "<b onclick"):
        assert tag not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;img") == 3  # twice the title
    assert "default-src &#x27;none&#x27;" in page or "default-src 'none'" in page
    assert 'href="#m1"' in page
    assert ".png (12)" in page


def test_nobody_gets_more_than_they_may_read(chat: Chat, ada: User, bob: User):
    for body in ("hidden", "shown"):
        say(chat, ada, body)
    Membership.objects.filter(user=bob).update(visible_from_seq=2)

    assert "hidden" not in content(chat, bob, "json")
    assert "hidden" in content(chat, ada, "json")


def test_neither_a_stranger_nor_another_member_has_a_hand_in_it(chat: Chat, ada: User, bob: User, eve: User):
    export = made(chat, bob)
    file = f"{exports_path(chat)}/{export['id']}/archive"

    assert Api(eve)("POST", exports_path(chat), {"format": "json"}).status_code == 404
    assert [Api(eve)("GET", path).status_code for path in (exports_path(chat), file)] == [404, 404]
    assert Api(ada)("GET", exports_path(chat)).json()["items"] == []
    assert Api(ada)("GET", file).json()["error"]["code"] == "export_not_found"


def test_who_was_taken_out_fetches_nothing_and_what_waits_is_not_made(chat: Chat, ada: User, bob: User):
    ready = made(chat, bob)
    services.ask_for_chat_export(chat_id=chat.id, user_id=bob.id, form="html")
    services.remove_member(chat_id=chat.id, actor_id=ada.id, user_id=bob.id)
    jobs.do_all()

    assert Api(bob)("GET", f"{exports_path(chat)}/{ready['id']}/archive").status_code == 404
    assert ChatExport.objects.filter(made_at=None).count() == 1


def test_one_is_made_at_a_time_and_another_form_is_none(chat: Chat, bob: User):
    services.ask_for_chat_export(chat_id=chat.id, user_id=bob.id, form="json")

    again = Api(bob)("POST", exports_path(chat), {"format": "html"})
    other = Api(bob)("POST", exports_path(chat), {"format": "exe"})

    assert (again.status_code, again.json()["error"]["code"]) == (409, "export_pending")
    assert list(other.json()["error"]["fields"]) == ["format"]


def test_it_goes_after_a_week_and_with_the_chat(chat: Chat, bob: User):
    made(chat, bob)
    ChatExport.objects.update(asked_at=timezone.now() - timedelta(days=8))
    services.forget_chat_exports()
    assert not ChatExport.objects.exists()

    services.ask_for_chat_export(chat_id=chat.id, user_id=bob.id, form="json")
    Chat.objects.filter(id=chat.id).delete()
    jobs.do_all()
    assert not ChatExport.objects.exists()


def test_however_many_messages_there_are_they_are_one_query(chat: Chat, bob: User):
    for number in range(4):
        say(chat, bob, str(number))

    with CaptureQueriesContext(connection) as queries:
        written_export(chat_id=chat.id, user_id=bob.id, form="html")

    assert len(queries) <= 3
