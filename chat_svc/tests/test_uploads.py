"""Files on their way up: in parts, resumed, looked into, refused."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.utils import timezone
from PIL import Image

from chat_svc import services
from chat_svc.errors import (
    AttachmentNotFound,
    BrokenImage,
    ChatNotFound,
    ChatOver,
    FileTooLarge,
    ImageTooLarge,
    InvalidFile,
    KindRefused,
    NoRoom,
    TooManyFiles,
    WrongOffset,
)
from chat_svc.files import store
from chat_svc.models import Attachment, Chat
from chat_svc.tests.conftest import begin, kept, say, send_up
from chat_svc.tests.pictures import GPS, HTML, SOUND, SVG, gif_of, moving, photo, picture, png_of, two_in_one

if TYPE_CHECKING:
    from user_svc.models import User

PART = store.PART_BYTES


def pixels(data: bytes) -> Any:
    return Image.open(BytesIO(data))


def test_a_file_comes_up_in_parts_and_goes_on_after_a_break(chat: Chat, ada: User):
    data = bytes(PART) + b"the end"
    upload = begin(chat, ada, "notes.bin", len(data))
    assert (upload["received"], upload["chunk_bytes"], upload["state"]) == (0, PART, "uploading")

    one = {"chat_id": chat.id, "user_id": ada.id, "attachment_id": upload["id"]}
    services.receive_part(**one, offset=0, data=data[:PART])
    assert services.upload_of(**one)["received"] == PART  # so a page that comes back knows where to go on
    with pytest.raises(WrongOffset):
        services.receive_part(**one, offset=0, data=data[:PART])
    done = services.receive_part(**one, offset=PART, data=data[PART:])

    assert (done["state"], done["kind"], done["size"]) == ("ready", "file", len(data))
    assert kept(done["id"], "file") == data
    with pytest.raises(FileNotFoundError):
        kept(done["id"], "part-0000")


def test_a_part_is_exactly_as_long_as_it_was_agreed(chat: Chat, ada: User):
    upload = begin(chat, ada, "a.bin", PART + 10)

    for data in (b"", b"x", bytes(PART + 1)):
        with pytest.raises(InvalidFile):
            services.receive_part(chat_id=chat.id, user_id=ada.id, attachment_id=upload["id"], offset=0, data=data)


def test_who_did_not_know_the_length_says_it_with_the_last_part(chat: Chat, ada: User):
    data = bytes(PART) + b"the end"
    upload = begin(chat, ada, "notes.bin", 10 * PART)
    one = {"chat_id": chat.id, "user_id": ada.id, "attachment_id": upload["id"]}

    services.receive_part(**one, offset=0, data=data[:PART])
    done = services.receive_part(**one, offset=PART, data=data[PART:], length=len(data))

    assert (done["state"], done["size"]) == ("ready", len(data))
    assert kept(done["id"], "file") == data
    assert Attachment.objects.get().size == len(data)  # what counts against the day


@pytest.mark.parametrize("length", [0, PART, 2 * PART + 1])
def test_a_length_is_no_more_than_was_said_and_more_than_has_come(chat: Chat, ada: User, length: int):
    upload = begin(chat, ada, "notes.bin", 2 * PART)
    one = {"chat_id": chat.id, "user_id": ada.id, "attachment_id": upload["id"]}
    services.receive_part(**one, offset=0, data=bytes(PART))

    with pytest.raises(InvalidFile):
        services.receive_part(**one, offset=PART, data=b"x", length=length)

    assert services.upload_of(**one)["received"] == PART


def test_an_end_that_was_cut_off_is_asked_for_again(chat: Chat, ada: User, monkeypatch: pytest.MonkeyPatch):
    upload = begin(chat, ada, "a.bin", 3)
    one = {"chat_id": chat.id, "user_id": ada.id, "attachment_id": upload["id"]}
    with monkeypatch.context() as patch:
        patch.setattr(store, "save", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
        with pytest.raises(OSError, match="disk full"):
            services.receive_part(**one, offset=0, data=b"abc")

    done = services.receive_part(**one, offset=3, data=b"")

    assert done["state"] == "ready"


def test_a_photo_is_turned_upright_and_forgets_where_it_was_taken(chat: Chat, ada: User):
    sent = photo()
    assert b"secret place" in sent

    done = send_up(chat, ada, "IMG_1.jpg", sent)

    assert (done["kind"], done["content_type"]) == ("image", "image/jpeg")
    assert (done["width"], done["height"]) == (600, 900)
    assert done["placeholder"].startswith("data:image/webp;base64,")
    assert len(done["placeholder"]) < 300
    for name, side in (("file", 900), ("large", 900), ("thumb", 400)):
        data = kept(done["id"], name)
        assert b"secret place" not in data
        shown = pixels(data)
        assert dict(shown.getexif()) == {}
        assert GPS not in shown.getexif()
        assert max(shown.size) == side


def test_a_page_in_an_image_is_gone_when_the_image_is_made_anew(chat: Chat, ada: User):
    for data in (picture() + HTML, picture().replace(b"IDAT", b"IDAT", 1)[:33] + chunk_of_text(HTML) + picture()[33:]):
        assert HTML in data

        done = send_up(chat, ada, "harmless.html", data)

        assert (done["kind"], done["content_type"]) == ("image", "image/png")
        assert not any(b"script" in kept(done["id"], name) for name in ("file", "large", "thumb"))


def chunk_of_text(text: bytes) -> bytes:
    import zlib

    data = b"Comment\0" + text
    return len(data).to_bytes(4, "big") + b"tEXt" + data + zlib.crc32(b"tEXt" + data).to_bytes(4, "big")


@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP", "GIF"])
def test_an_image_keeps_its_kind(chat: Chat, ada: User, format_name: str):
    done = send_up(chat, ada, "x", picture(40, 30, format_name))

    assert pixels(kept(done["id"], "file")).format == format_name
    assert done["content_type"] == f"image/{format_name.lower()}"


def test_a_moving_image_moves_and_its_thumbnail_stands_still(chat: Chat, ada: User):
    done = send_up(chat, ada, "cat.gif", moving())

    assert done["animated"]
    assert pixels(kept(done["id"], "file")).n_frames == 3
    assert pixels(kept(done["id"], "thumb")).n_frames == 1


def test_of_a_photo_with_a_preview_in_it_the_photo_is_kept(chat: Chat, ada: User):
    done = send_up(chat, ada, "photo.jpg", two_in_one())

    assert (done["width"], done["height"], done["animated"]) == (900, 600, False)
    assert pixels(kept(done["id"], "file")).format == "JPEG"


@pytest.mark.parametrize(("data", "name"), [(SVG, "logo.svg"), (HTML, "photo.png"), (b"MZ" + bytes(200), "a.jpg")])
def test_what_is_no_image_is_a_file_to_be_saved_whatever_its_name(chat: Chat, ada: User, data: bytes, name: str):
    done = send_up(chat, ada, name, data)

    assert (done["kind"], done["width"], done["placeholder"]) == ("file", None, "")


def test_a_voice_note_is_a_sound_and_tells_how_long_it_is(chat: Chat, ada: User):
    done = send_up(chat, ada, "voice.ogg", SOUND, duration_ms=2500)

    assert (done["kind"], done["content_type"], done["duration_ms"]) == ("audio", "audio/ogg", 2500)
    assert send_up(chat, ada, "voice.ogg", b"no sound", duration_ms=2500)["duration_ms"] is None


def test_ten_gigabytes_are_refused_before_a_byte_is_sent(chat: Chat, ada: User):
    with pytest.raises(FileTooLarge):
        begin(chat, ada, "film.mkv", 10 * 1024**3)

    assert not Attachment.objects.exists()


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (png_of(60_000, 60_000), ImageTooLarge),
        (png_of(8_000, 7_000), ImageTooLarge),
        (png_of(3_000, 3_000), BrokenImage),
        (picture()[:1500], BrokenImage),
        (b"GIF89a" + bytes(100), BrokenImage),
        pytest.param(gif_of(*[(1, 1)] * 2_000), ImageTooLarge, id="frames without end"),
        pytest.param(gif_of((1, 1), (8_000, 8_000), (1, 1)), ImageTooLarge, id="a frame larger than was said"),
    ],
)
def test_a_bomb_or_broken_image_is_refused_and_nothing_of_it_stays(
    chat: Chat, ada: User, data: bytes, problem: type[Exception]
):
    upload = begin(chat, ada, "bomb.png", len(data))

    with pytest.raises(problem):
        services.receive_part(chat_id=chat.id, user_id=ada.id, attachment_id=upload["id"], offset=0, data=data)

    services.erase_dropped_files()
    assert not Attachment.objects.exists()
    with pytest.raises(FileNotFoundError):
        kept(upload["id"], "part-0000")


def test_a_kind_that_the_house_does_not_take_is_refused_by_its_bytes(chat: Chat, ada: User, settings: Any):
    settings.ATTACHMENT_KINDS = ["image"]

    with pytest.raises(KindRefused):
        send_up(chat, ada, "photo.png", b"no photo at all")
    send_up(chat, ada, "no photo.txt", picture())


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("фото \N{SMILING FACE WITH SUNGLASSES}.jpg", "фото \N{SMILING FACE WITH SUNGLASSES}.jpg"),
        ("gpj\u202eexe.jpg", "gpjexe.jpg"),
        ("two\r\nlines\0", "twolines"),
    ],
)
def test_a_name_is_kept_without_a_path_or_what_nobody_sees(chat: Chat, ada: User, typed: str, stored: str):
    assert begin(chat, ada, typed, 1)["name"] == stored


@pytest.mark.parametrize("name", ["", " ", "..", "/", "x" * 256, "\u202e"])
def test_what_is_no_name_is_refused(chat: Chat, ada: User, name: str):
    with pytest.raises(InvalidFile):
        begin(chat, ada, name, 1)


def test_who_lets_too_much_wait_or_sends_too_much_a_day_is_refused(chat: Chat, ada: User, bob: User, settings: Any):
    settings.UNSENT_LIMIT_BYTES = 10
    begin(chat, ada, "a", 6)
    with pytest.raises(TooManyFiles):
        begin(chat, ada, "b", 6)
    begin(chat, bob, "b", 6)  # everybody has their own

    settings.UNSENT_LIMIT_BYTES, settings.UPLOADS_PER_DAY_BYTES = 1000, 10
    with pytest.raises(TooManyFiles):
        begin(chat, ada, "b", 6)
    Attachment.objects.update(created_at=timezone.now() - timedelta(hours=25), chat=None)
    begin(chat, ada, "b", 6)


def test_what_the_house_fetched_for_a_card_is_nobodys_upload(chat: Chat, ada: User, settings: Any):
    settings.UNSENT_LIMIT_BYTES = settings.UPLOADS_PER_DAY_BYTES = 10
    begin(chat, ada, "a", 6)
    Attachment.objects.update(of_preview=True)

    begin(chat, ada, "b", 6)


def test_the_disk_is_not_filled_to_its_end(chat: Chat, ada: User, settings: Any, monkeypatch: pytest.MonkeyPatch):
    settings.FILES_LEAVE_FREE_BYTES = 1_000
    disk = SimpleNamespace(free=1_500)
    monkeypatch.setattr("chat_svc.files.store.disk_usage", lambda _place: disk)
    with pytest.raises(NoRoom):
        begin(chat, ada, "notes.txt", 501)
    upload = begin(chat, ada, "notes.txt", 500)
    one = {"chat_id": chat.id, "user_id": ada.id, "attachment_id": upload["id"], "offset": 0, "data": bytes(500)}

    disk.free = 1_499  # others were quicker
    with pytest.raises(NoRoom):
        services.receive_part(**one)
    disk.free = 1_500
    assert services.receive_part(**one)["state"] == "ready"


def test_a_stranger_begins_nothing_and_touches_nobodys_upload(chat: Chat, ada: User, bob: User, eve: User):
    upload = begin(chat, ada, "a.bin", 3)
    with pytest.raises(ChatNotFound):
        begin(chat, eve, "a.bin", 3)

    for person, problem in ((eve, ChatNotFound), (bob, AttachmentNotFound)):
        one = {"chat_id": chat.id, "user_id": person.id, "attachment_id": upload["id"]}
        with pytest.raises(problem):
            services.receive_part(**one, offset=0, data=b"abc")
        with pytest.raises(problem):
            services.upload_of(**one)
        with pytest.raises(problem):
            services.drop_upload(**one)

    assert Attachment.objects.get().received == 0


def test_nothing_comes_up_to_a_chat_that_is_over(chat: Chat, ada: User):
    upload = begin(chat, ada, "a.bin", 3)
    services.close_chat(chat_id=chat.id, actor_id=ada.id)

    with pytest.raises(ChatOver):
        begin(chat, ada, "a.bin", 3)
    with pytest.raises(ChatOver):
        services.receive_part(chat_id=chat.id, user_id=ada.id, attachment_id=upload["id"], offset=0, data=b"abc")


def test_an_upload_that_is_dropped_while_a_part_comes_leaves_no_bytes(
    chat: Chat, ada: User, monkeypatch: pytest.MonkeyPatch
):
    upload = begin(chat, ada, "a.bin", 3)
    one = {"chat_id": chat.id, "user_id": ada.id, "attachment_id": upload["id"]}
    save_part = store.save_part

    def saved_too_late(*arguments: Any) -> None:
        services.drop_upload(**one)
        services.erase_dropped_files()
        save_part(*arguments)

    monkeypatch.setattr(store, "save_part", saved_too_late)
    with pytest.raises(AttachmentNotFound):
        services.receive_part(**one, offset=0, data=b"abc")

    with pytest.raises(FileNotFoundError):
        kept(upload["id"], "part-0000")


def test_what_is_never_sent_is_erased_after_a_day(chat: Chat, ada: User):
    old, young = (send_up(chat, ada, "a.bin", b"abc") for _ in range(2))
    said = send_up(chat, ada, "b.bin", b"abc")
    say(chat, ada, attachments=[said["id"]])
    Attachment.objects.exclude(id=young["id"]).update(created_at=timezone.now() - timedelta(hours=25))

    services.erase_dropped_files()

    assert set(Attachment.objects.values_list("id", flat=True)) == {young["id"], said["id"]}
    with pytest.raises(FileNotFoundError):
        kept(old["id"], "file")


def test_dropping_twice_or_what_never_was_is_refused(chat: Chat, ada: User):
    one = {"chat_id": chat.id, "user_id": ada.id, "attachment_id": begin(chat, ada, "a", 1)["id"]}
    services.drop_upload(**one)

    for attachment_id in (one["attachment_id"], uuid4()):
        with pytest.raises(AttachmentNotFound):
            services.drop_upload(**{**one, "attachment_id": attachment_id})
