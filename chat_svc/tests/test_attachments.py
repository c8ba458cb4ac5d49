"""Files in messages: sent, listed, handed out to members alone, erased with what they stand in."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from uuid import UUID, uuid4

import pytest
from django.core import signing
from django.utils import timezone

from abdre.events import chat_group
from chat_svc import selectors, services
from chat_svc.errors import ChatNotFound, FilesRefused, InvalidMessage
from chat_svc.files import store
from chat_svc.models import Attachment, Chat, Kind, Membership, Message
from chat_svc.tests.conftest import Api, Told, batch, begin, kept, post, say, send_up
from chat_svc.tests.pictures import HTML, SOUND, photo, picture

if TYPE_CHECKING:
    from user_svc.models import User

NAMES = {
    "id", "name", "kind", "content_type", "size", "width", "height", "animated", "placeholder", "duration_ms",
}  # fmt: skip


@pytest.fixture
def sent(chat: Chat, ada: User) -> dict[str, Any]:
    """A photo of ada's in a message of hers."""
    upload = send_up(chat, ada, "hill.png", picture())
    return dict(say(chat, ada, "", attachments=[upload["id"]]).message["attachments"][0])


def address(chat: Chat, attachment: Any, what: str = "content", query: str = "") -> str:
    return f"/api/chats/{chat.id}/attachments/{attachment['id']}/{what}{query}"


def signed(chat: Chat, attachment: Any, user: User, query: str = "") -> str:
    answer = Api(user)("GET", address(chat, attachment, query=query))
    assert answer.status_code == 302
    return str(answer["Location"])


def body(answer: Any) -> bytes:
    async def read() -> bytes:
        return b"".join([piece async for piece in answer.streaming_content])

    return asyncio.run(read())


def test_a_message_may_be_files_alone_and_everybody_hears_of_them(chat: Chat, ada: User, told: Told):
    uploads = [send_up(chat, ada, name, b"abc") for name in ("b.bin", "a.bin")]

    message = say(chat, ada, " ", attachments=[upload["id"] for upload in uploads]).message

    assert message["body"] == ""
    assert [attachment["name"] for attachment in message["attachments"]] == ["b.bin", "a.bin"]
    assert message["attachments"][0].keys() == NAMES
    (event,) = told.to(chat_group(chat.id))
    assert event["message"] == message
    assert selectors.messages(chat_id=chat.id, user_id=ada.id)["items"] == [message]


def test_a_retry_is_the_same_message_with_the_same_files(chat: Chat, ada: User):
    upload, client_id = send_up(chat, ada, "a", b"abc"), uuid4()

    first, again = (say(chat, ada, client_id=client_id, attachments=[upload["id"]]) for _ in range(2))

    assert (first.created, again.created) == (True, False)
    assert first.message == again.message


def test_a_file_stands_in_one_message_of_its_uploader_in_its_chat(
    chat: Chat, other: Chat, ada: User, bob: User, told: Told
):
    ready, coming = send_up(chat, ada, "a", b"abc"), begin(chat, ada, "b", 3)
    used = send_up(chat, ada, "c", b"abc")
    say(chat, ada, attachments=[used["id"]])
    told.items.clear()

    for where, who, ids in (
        (chat, bob, [ready["id"]]),
        (other, ada, [ready["id"]]),
        (chat, ada, [coming["id"]]),
        (chat, ada, [used["id"]]),
        (chat, ada, [ready["id"], uuid4()]),
        (chat, ada, [uuid4() for _ in range(11)]),
    ):
        with pytest.raises(InvalidMessage):
            say(where, who, attachments=ids)

    assert told.items == []
    assert say(chat, ada, attachments=[ready["id"]]).created  # what was refused has used nothing up


def test_a_stranger_sends_no_file_and_nobody_hears_of_it(chat: Chat, ada: User, eve: User, told: Told):
    upload = send_up(chat, ada, "a", b"abc")

    with pytest.raises(ChatNotFound):
        say(chat, eve, attachments=[upload["id"]])

    assert told.items == []


def test_guests_files_that_a_chat_refuses_are_when_begun_and_when_said(chat: Chat, ada: User, bob: User, guest: User):
    services.enrol(chat_id=chat.id, user_id=guest.id)
    upload = send_up(chat, guest, "a", b"abc")
    services.change_chat(chat_id=chat.id, actor_id=ada.id, facts={"guest_files": "refused"})

    with pytest.raises(FilesRefused):
        begin(chat, guest, "b", 1)
    with pytest.raises(FilesRefused):
        say(chat, guest, attachments=[upload["id"]])
    begin(chat, bob, "b", 1)


def test_what_was_sent_before_somebody_came_is_kept_from_them_where_the_chat_keeps_it(
    chat: Chat, ada: User, eve: User, sent: Any
):
    services.enrol(chat_id=chat.id, user_id=eve.id)
    Membership.objects.filter(user=eve).update(visible_from_seq=2)

    assert selectors.files_of(chat_id=chat.id, user_id=eve.id)["items"] == []
    assert Api(eve)("GET", address(chat, sent)).status_code == 404


def test_in_a_batch_files_and_words_keep_their_order(chat: Chat, ada: User):
    upload = send_up(chat, ada, "a", b"abc")
    posts = [post(chat, ada, "1"), post(chat, ada, "2")._replace(attachments=(upload["id"],)), post(chat, ada, "3")]

    outcomes = batch(posts)

    assert [(one.message["seq"], one.message["body"]) for one in outcomes] == [(1, "1"), (2, "2"), (3, "3")]


def test_the_words_beside_a_file_may_be_taken_out_and_of_a_text_alone_not(chat: Chat, ada: User):
    upload = send_up(chat, ada, "a", b"abc")
    say(chat, ada, "look", attachments=[upload["id"]])
    say(chat, ada, "text")

    assert services.edit_message(chat_id=chat.id, actor_id=ada.id, seq=1, body="")["attachments"]
    with pytest.raises(InvalidMessage):
        services.edit_message(chat_id=chat.id, actor_id=ada.id, seq=2, body="")


def test_a_member_gets_it_by_an_address_that_nothing_can_run_from(chat: Chat, bob: User, sent: Any):
    answer = Api(bob)("GET", signed(chat, sent, bob))

    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["Content-Disposition"] == 'inline; filename="hill.png"'
    assert body(answer) == kept(sent["id"], "file")


@pytest.mark.parametrize(("variant", "side"), [("large", 900), ("thumb", 400)])
def test_an_image_is_there_in_smaller_sizes(chat: Chat, bob: User, sent: Any, variant: str, side: int):
    answer = Api(bob)("GET", signed(chat, sent, bob, f"?variant={variant}"))

    assert answer["Content-Type"] == "image/webp"
    assert body(answer) == kept(sent["id"], variant)


@pytest.mark.parametrize("name", ["page.html", "logo.svg", "говор \N{FIRE}.txt", 'q"uote.txt'])
def test_what_is_neither_image_nor_sound_is_saved_under_its_name(chat: Chat, ada: User, bob: User, name: str):
    upload = send_up(chat, ada, name, HTML)
    say(chat, ada, attachments=[upload["id"]])

    answer = Api(bob)("GET", signed(chat, upload, bob, "?variant=thumb"))

    assert answer["Content-Disposition"].startswith("attachment; filename")
    assert answer["Content-Type"] == "application/octet-stream"
    assert body(answer) == HTML


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("bytes=0-9", 206, slice(0, 10)),
        ("bytes=2000-", 206, slice(2000, None)),
        ("bytes=-5", 206, slice(-5, None)),
        ("bytes=0-99999", 200, slice(None)),
        ("bytes=0-1,5-6", 200, slice(None)),
        ("lines=1-2", 200, slice(None)),
    ],
)
def test_a_player_gets_the_piece_it_asks_for(chat: Chat, ada: User, bob: User, asked: str, status: int, part: slice):
    upload = send_up(chat, ada, "voice.ogg", SOUND)
    say(chat, ada, attachments=[upload["id"]])

    answer = Api(bob).client.get(signed(chat, upload, bob), headers={"range": asked})

    assert answer.status_code == status
    assert body(answer) == SOUND[part]
    assert answer["Content-Length"] == str(len(SOUND[part]))


def test_a_range_beyond_the_end_is_refused(chat: Chat, bob: User, sent: Any):
    path = signed(chat, sent, bob)

    for asked in ("bytes=99999999-", "bytes=5-2", "bytes=-0"):
        assert Api(bob).client.get(path, headers={"range": asked}).status_code == 416


def test_nobody_else_gets_it_neither_by_asking_nor_by_what_was_signed_for_a_member(
    chat: Chat, ada: User, eve: User, sent: Any
):
    path = signed(chat, sent, ada)

    assert Api(eve)("GET", address(chat, sent)).status_code == 404
    assert Api(None)("GET", address(chat, sent)).status_code == 401
    assert Api(eve)("GET", path).status_code == 404
    # A program that shows images, for a few minutes.
    assert body(Api(None)("GET", path)) == kept(sent["id"], "file")


def test_what_was_signed_ends_with_time(chat: Chat, ada: User, sent: Any, monkeypatch: pytest.MonkeyPatch):
    path = signed(chat, sent, ada)
    now = timezone.now().timestamp()

    monkeypatch.setattr(time, "time", lambda: now + 301)

    assert Api(ada)("GET", path).status_code == 404


def test_what_was_signed_ends_with_the_membership(chat: Chat, ada: User, bob: User, sent: Any):
    path = signed(chat, sent, bob)
    services.remove_member(chat_id=chat.id, actor_id=ada.id, user_id=bob.id)

    assert Api(None)("GET", path).status_code == 404
    assert Api(bob)("GET", path).status_code == 404


def test_what_was_signed_opens_that_file_alone(chat: Chat, ada: User, sent: Any):
    second = send_up(chat, ada, "b", b"abc")
    token = signed(chat, sent, ada).partition("?")[2]

    assert Api(ada)("GET", address(chat, second, "file", f"?{token}")).status_code == 404
    assert Api(ada)("GET", address(chat, sent, "file", f"?{token}x")).status_code == 404
    forged = signing.dumps([ada.id.hex, "file"], salt="something else")
    assert Api(ada)("GET", address(chat, sent, "file", f"?token={forged}")).status_code == 404
    assert Api(ada)("GET", address(chat, sent, "file")).status_code == 404


def test_before_it_is_said_a_file_is_its_uploaders_alone(chat: Chat, ada: User, bob: User):
    upload = send_up(chat, ada, "a", b"abc")

    assert Api(ada)("GET", address(chat, upload)).status_code == 302
    assert Api(bob)("GET", address(chat, upload)).status_code == 404
    assert Api(ada)("GET", address(chat, begin(chat, ada, "b", 3))).status_code == 404


def erased(attachment: Any) -> bool:
    """Whether neither row nor bytes are there."""
    try:
        kept(attachment["id"], "file")
    except FileNotFoundError:
        return not Attachment.objects.filter(id=attachment["id"]).exists()
    return False


def test_a_deleted_message_takes_its_files_along(chat: Chat, ada: User, bob: User, sent: Any):
    path = signed(chat, sent, bob)

    deleted = services.delete_message(chat_id=chat.id, actor_id=ada.id, seq=1)

    assert deleted["attachments"] == []
    assert Api(bob)("GET", path).status_code == 404
    services.erase_dropped_files()
    assert erased(sent)


def test_who_takes_all_their_words_along_takes_their_files(chat: Chat, ada: User, bob: User, sent: Any):
    others = send_up(chat, bob, "b", b"abc")
    say(chat, bob, attachments=[others["id"]])

    services.erase_messages(user_id=ada.id)
    services.erase_dropped_files()

    assert erased(sent)
    assert not erased(others)


def test_with_a_temporary_chat_everything_of_its_files_goes(ada: User):
    chat = services.create_chat(creator_id=ada.id, kind=Kind.TEMPORARY)
    said, waiting, coming = send_up(chat, ada, "a", photo()), send_up(chat, ada, "b", b"abc"), begin(chat, ada, "c", 9)
    say(chat, ada, attachments=[said["id"]])
    path = signed(chat, said, ada)
    Chat.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert Api(ada)("GET", path).status_code == 404
    services.erase_expired_chats()
    services.erase_dropped_files()

    assert not Attachment.objects.exists()
    assert all(erased(one) for one in (said, waiting, coming))


def test_a_storage_that_is_away_keeps_the_row_until_the_bytes_are_gone(
    chat: Chat, ada: User, sent: Any, monkeypatch: pytest.MonkeyPatch
):
    services.delete_message(chat_id=chat.id, actor_id=ada.id, seq=1)
    with monkeypatch.context() as patch:
        patch.setattr(store, "erase", lambda _: (_ for _ in ()).throw(OSError("away")))
        with pytest.raises(OSError, match="away"):
            services.erase_dropped_files()
    assert Attachment.objects.filter(id=sent["id"]).exists()

    services.erase_dropped_files()

    assert erased(sent)


def test_one_that_cannot_be_erased_is_not_in_the_way_of_the_others_for_ever(
    chat: Chat, ada: User, monkeypatch: pytest.MonkeyPatch
):
    stuck, other = send_up(chat, ada, "a", b"abc"), send_up(chat, ada, "b", b"abc")
    Attachment.objects.all().drop()
    erase = store.erase

    def stumble(attachment_id: UUID) -> None:
        if attachment_id == stuck["id"]:
            raise OSError("stuck")
        erase(attachment_id)

    monkeypatch.setattr(store, "erase", stumble)
    for _again in range(64):  # each has an even chance to come first
        with suppress(OSError):
            services.erase_dropped_files()

    assert erased(other)
    assert Attachment.objects.filter(id=stuck["id"]).exists()


def test_the_files_of_a_chat_are_listed_page_by_page_newest_first(chat: Chat, ada: User, bob: User, eve: User):
    first = [send_up(chat, ada, name, b"abc") for name in "abc"]
    say(chat, ada, attachments=[upload["id"] for upload in first])
    second = send_up(chat, bob, "d.png", picture(10, 10))
    say(chat, bob, attachments=[second["id"]])

    names, before = [], ""
    while True:
        page = selectors.files_of(chat_id=chat.id, user_id=ada.id, before=before, limit=2)
        names.append([item["name"] for item in page["items"]])
        if page["next"] is None:
            break
        before = page["next"]

    assert names == [["d.png", "a"], ["b", "c"]]
    assert [item["seq"] for item in selectors.files_of(chat_id=chat.id, user_id=ada.id, kind="image")["items"]] == [2]
    with pytest.raises(ChatNotFound):
        selectors.files_of(chat_id=chat.id, user_id=eve.id)


def test_the_archive_names_what_one_has_sent(chat: Chat, ada: User, bob: User, sent: Any):
    (own,) = selectors.own_files(ada.id)

    assert (own["name"], own["seq"], own["chat"]) == ("hill.png", 1, str(chat.id))
    assert list(selectors.own_files(bob.id)) == []


def test_it_goes_up_and_into_a_message_by_the_api(chat: Chat, ada: User):
    api, data = Api(ada), picture(20, 10)
    begun = api("POST", f"/api/chats/{chat.id}/attachments", {"name": "a.png", "size": len(data)})
    assert begun.status_code == 201
    path = f"/api/chats/{chat.id}/attachments/{begun.json()['id']}"

    def part(offset: str, content_type: str = "application/octet-stream") -> Any:
        headers = {**api.headers, "Upload-Offset": offset}
        return api.client.patch(path, data, content_type=content_type, headers=headers)

    assert part("1").status_code == 409
    assert part("").status_code == 422
    assert part("0", "application/json").status_code == 415
    assert part("0").json()["state"] == "ready"
    assert api("GET", path).json()["received"] > 0
    said = api(
        "POST",
        f"/api/chats/{chat.id}/messages",
        {"client_id": str(uuid4()), "body": "", "attachments": [begun.json()["id"]]},
    )
    assert said.status_code == 201
    assert api("DELETE", path).status_code == 404  # it goes with its message
    assert api("GET", f"/api/chats/{chat.id}/attachments").json()["items"][0]["name"] == "a.png"
    too_large = api("POST", f"/api/chats/{chat.id}/attachments", {"name": "a", "size": 10 * 1024**3})
    assert (too_large.status_code, too_large.json()["error"]["code"]) == (413, "file_too_large")


def test_a_person_who_sends_parts_without_end_is_slowed_down(chat: Chat, ada: User, settings: Any):
    settings.PARTS_PER_MINUTE = 1
    upload = begin(chat, ada, "a", 3)
    path, api = f"/api/chats/{chat.id}/attachments/{upload['id']}", Api(ada)

    statuses = [api("DELETE", path).status_code for _ in range(2)]

    assert statuses == [204, 429]


def test_what_each_endpoint_asks_of_the_database(
    chat: Chat, ada: User, bob: User, sent: Any, django_assert_num_queries: Any
):
    upload = begin(chat, ada, "a", 3)
    one = {"chat_id": chat.id, "user_id": ada.id, "attachment_id": upload["id"]}
    token = unquote(signed(chat, sent, ada).partition("token=")[2])
    where = {"chat_id": chat.id, "attachment_id": UUID(sent["id"])}

    with django_assert_num_queries(3):
        begin(chat, ada, "b", 3)
    with django_assert_num_queries(2):
        services.upload_of(**one)
    with django_assert_num_queries(4):
        services.receive_part(**one, offset=0, data=b"abc")
    with django_assert_num_queries(2):
        services.drop_upload(**one)
    with django_assert_num_queries(2):
        selectors.files_of(chat_id=chat.id, user_id=ada.id)
    with django_assert_num_queries(2):
        selectors.signed_for(**where, user_id=ada.id, variant="file")
    with django_assert_num_queries(2):
        selectors.served(token, **where, asker_id=ada.id)
    with django_assert_num_queries(3):
        assert selectors.messages(chat_id=chat.id, user_id=bob.id)["items"][0]["attachments"]
    assert Message.objects.count() == 1
