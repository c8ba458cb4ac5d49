"""The card below a message that leads somewhere: looked up by the worker, and gone with what it belongs to."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.db import DatabaseError
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from PIL import Image

from abdre import jobs, limits
from abdre.db import close_connections
from abdre.errors import Unavailable
from abdre.events import chat_group
from abdre.tests.receiver import Asked, Receiver, Reply, receiver
from chat_svc import services
from chat_svc.errors import LinksRefused, NotAMember
from chat_svc.files import store
from chat_svc.files.images import CARD
from chat_svc.models import Attachment, Chat, Message, Progress
from chat_svc.services import link_lookups, previews
from chat_svc.services.link_lookups import PAGE_BYTES, PER_PERSON
from chat_svc.tests.conftest import Api, Told, kept, say
from chat_svc.tests.pictures import HTML, SVG, moving, photo, picture, png_of
from chat_svc.writer import Post, careful, writer
from deploy.tests.budgets import counted

if TYPE_CHECKING:
    from user_svc.models import User

HTML_TYPE = {"Content-Type": "text/html; charset=utf-8"}
LEAF = '<meta property="og:title" content="Leaf"><meta property="og:description" content="Of tea">'
LEAF += '<meta property="og:site_name" content="Tea House"><meta property="og:image" content="/leaf.jpg">'


class Site:
    """A web site of a test's own; `pages` by path, and what is done before one is answered."""

    def __init__(self) -> None:
        self.pages: dict[str, Reply] = {}
        self.before: Any = lambda asked: None
        self.receiver: Receiver

    def url(self, path: str) -> str:
        return self.receiver.url(path)

    def page(self, path: str, html: str, **headers: str) -> str:
        self.pages[path] = (200, {**HTML_TYPE, **headers}, html.encode())
        return self.url(path)

    def image(self, path: str, content: bytes, content_type: str = "image/jpeg") -> str:
        self.pages[path] = (200, {"Content-Type": content_type}, content)
        return self.url(path)

    def sent_on(self, path: str, to: str) -> str:
        self.pages[path] = (302, {"Location": to}, b"")
        return self.url(path)

    @property
    def asked(self) -> list[str]:
        return [asked.path for asked in self.receiver.asked]

    def answer(self, asked: Asked) -> Reply:
        self.before(asked)
        return self.pages.get(asked.path, (404, HTML_TYPE, b"<title>Not found</title>"))


@pytest.fixture
def site(settings: Any) -> Iterator[Site]:
    """It may be reached, as a public address may; 127.0.0.9 may not."""
    settings.FETCH_ALLOWED_NETWORKS = [ipaddress.ip_network("127.0.0.2/32")]
    site = Site()
    limits.forget("link-preview-host", limits.unreadable("127.0.0.2"))  # other tests had it, too
    with receiver(site.answer, host="127.0.0.2") as there:
        site.receiver = there
        there.url = lambda path="/", host="127.0.0.2": f"http://{host}:{there.port}{path}"  # type: ignore[method-assign]
        yield site


@pytest.fixture
def leaf(site: Site) -> str:
    site.image("/leaf.jpg", photo())
    return site.page("/leaf", LEAF)


def the_message(chat: Chat, seq: int = 1, user: User | None = None) -> Any:
    items = Api(user or chat.created_by)("GET", f"/api/chats/{chat.id}/messages").json()["items"]
    return next(item for item in items if item["seq"] == seq)


def card(chat: Chat, seq: int = 1) -> Any:
    return the_message(chat, seq).get("link_preview")


def looked_up(chat: Chat, user: User, url: str) -> Any:
    """The card that the worker gives a message with that link."""
    seq = say(chat, user, f"look {url}").message["seq"]
    jobs.do_all()
    return card(chat, seq)


def path(chat: Chat, seq: int = 1) -> str:
    return f"/api/chats/{chat.id}/messages/{seq}"


def content(chat: Chat, user: User | None, picture_id: str) -> Any:
    answer = Api(user)("GET", f"/api/chats/{chat.id}/attachments/{picture_id}/content")
    return Api(user)("GET", answer["Location"]) if answer.status_code == 302 else answer


def pictures() -> list[Attachment]:
    return list(Attachment.objects.filter(of_preview=True))


def waiting() -> int:
    return DBTaskResult.objects.ready().count()


def waiting_for_later() -> int:
    return DBTaskResult.objects.filter(status="READY", run_after__gt=timezone.now()).count()


def a_minute_later(host: str) -> None:
    """That host may be asked again, and what waits for it is due."""
    limits.forget("link-preview-host", limits.unreadable(host))
    DBTaskResult.objects.filter(status="READY").update(run_after=timezone.now())
    jobs.do_all()


def test_a_link_gets_a_card_and_all_are_told(chat: Chat, ada: User, bob: User, leaf: str, told: Told):
    before = say(chat, bob, f"**look** at {leaf}, there").message

    jobs.do_all()

    message = the_message(chat)
    shown = message["link_preview"]
    assert {key: value for key, value in shown.items() if key != "picture"} == {
        "url": leaf,
        "title": "Leaf",
        "description": "Of tea",
        "site_name": "Tea House",
    }
    assert message["version"] == before["version"] + 1
    assert message["edited_at"] is None
    assert told.to(chat_group(chat.id))[-1] == {
        "type": "message.changed", "chat": str(chat.id), "version": message["version"], "message": message,
    }  # fmt: skip


def test_its_picture_is_drawn_anew_and_handed_out_to_members_alone(
    chat: Chat, ada: User, bob: User, eve: User, leaf: str
):
    shown = looked_up(chat, ada, leaf)["picture"]

    answer = content(chat, bob, shown["id"])
    data = kept(shown["id"], "file")
    answer.close()
    with Image.open(BytesIO(data)) as image:
        assert (image.format, image.size) == ("WEBP", (shown["width"], shown["height"]))
        assert max(image.size) <= CARD
        assert image.height > image.width  # upright, as the phone was held
        assert not image.getexif()
    assert b"secret place" not in data
    assert answer["Content-Type"] == "image/webp"
    assert content(chat, eve, shown["id"]).status_code == 404
    assert content(chat, None, shown["id"]).status_code == 401


def test_it_is_no_file_of_its_sender(chat: Chat, ada: User, bob: User, other: Chat, leaf: str):
    looked_up(chat, ada, leaf)

    assert Api(ada)("GET", f"/api/chats/{chat.id}/attachments").json()["items"] == []
    again = Api(ada)("POST", f"{path(chat)}/forward", {"to": str(other.id), "client_id": str(uuid4())})
    assert again.json()["attachments"] == []
    jobs.do_all()
    assert card(other)["title"] == "Leaf"
    assert card(other)["picture"]["id"] != card(chat)["picture"]["id"]


def test_what_a_webhook_says_has_one_too(chat: Chat, ada: User, leaf: str):
    hook = Api(ada)("POST", f"/api/chats/{chat.id}/incoming-hooks", {"name": "CI"}).json()

    answer = Api(None)("POST", f"/api/chats/hooks/{hook['secret']}", {"text": leaf})
    jobs.do_all()

    assert card(chat, answer.json()["seq"])["title"] == "Leaf"


def test_of_several_links_the_first_counts_and_without_one_nothing_is_asked(
    chat: Chat, ada: User, leaf: str, site: Site
):
    say(chat, ada, "no link at all")
    assert waiting() == 0

    assert looked_up(chat, ada, f"{leaf} {site.page('/other', '<title>Other</title>')}")["url"] == leaf
    assert "/other" not in site.asked


@pytest.mark.parametrize("reply", [
    (404, HTML_TYPE, b"<title>No</title>"),
    (500, HTML_TYPE, b"<title>No</title>"),
    (200, {"Content-Type": "application/pdf"}, b"<title>No</title>"),
    (200, {}, b"<title>No</title>"),
    (200, {**HTML_TYPE, "Content-Encoding": "gzip"}, b"<title>No</title>"),
    (200, HTML_TYPE, b"<p>nothing to say"),
    (200, HTML_TYPE, b""),
])  # fmt: skip
def test_what_is_no_page_has_no_card_and_is_asked_once(chat: Chat, ada: User, site: Site, reply: Reply):
    site.pages["/odd"] = reply

    assert looked_up(chat, ada, site.url("/odd")) is None
    assert looked_up(chat, ada, site.url("/odd")) is None
    assert site.asked == ["/odd"]


def test_of_a_huge_page_the_beginning_is_read(chat: Chat, ada: User, site: Site):
    url = site.page(
        "/huge", f"<title>Huge</title>{' ' * PAGE_BYTES}<meta property='og:title' content='Behind the end'>"
    )

    assert looked_up(chat, ada, url)["title"] == "Huge"


def test_a_page_that_hangs_is_waited_for_only_so_long(
    chat: Chat, ada: User, site: Site, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(link_lookups, "TIMEOUT_S", 0.2)
    ended = threading.Event()
    site.before = lambda asked: ended.wait(5)
    url = site.page("/slow", "<title>Slow</title>")
    began = time.monotonic()

    try:
        assert looked_up(chat, ada, url) is None
    finally:
        ended.set()

    assert time.monotonic() - began < 4


def test_a_page_may_send_on_a_few_times(chat: Chat, ada: User, site: Site, leaf: str):
    url = leaf
    for number in range(5):
        url = site.sent_on(f"/{number}", url)

    assert looked_up(chat, ada, url) == {**card(chat), "url": url, "title": "Leaf"}
    assert looked_up(chat, ada, site.sent_on("/once-more", url)) is None


def test_nobody_inside_hears_of_it(chat: Chat, ada: User, site: Site):
    with receiver(lambda asked: (200, HTML_TYPE, b"<title>Inside</title>"), host="127.0.0.9") as inside:
        private = f"http://127.0.0.9:{inside.port}/"

        assert looked_up(chat, ada, private) is None
        assert looked_up(chat, ada, site.sent_on("/redirect", private)) is None
        shown = looked_up(
            chat, ada, site.page("/page", f'<title>Page</title><meta property="og:image" content="{private}">')
        )

        assert shown["picture"] is None
        assert (
            looked_up(chat, ada, site.page("/two", '<title>Two</title><meta name="twitter:image" content="/hop">'))
            is not None
        )
        site.sent_on("/hop", private)
        assert inside.asked == []


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (png_of(30_000, 30_000), "image/png"),
        (HTML, "image/png"),
        (SVG, "image/svg+xml"),
        (picture()[:2000], "image/png"),
        (picture(), "text/html"),
        (b"", "image/png"),
    ],
)  # fmt: skip
def test_a_picture_that_cannot_be_drawn_leaves_a_card_without(
    chat: Chat, ada: User, site: Site, leaf: str, data: bytes, content_type: str
):
    site.image("/leaf.jpg", data, content_type)

    assert looked_up(chat, ada, leaf)["picture"] is None
    assert pictures() == []


def test_a_picture_that_is_too_large_is_not_read_to_its_end(chat: Chat, ada: User, leaf: str, settings: Any):
    settings.PICTURE_LIMIT_BYTES = 1000

    assert looked_up(chat, ada, leaf)["picture"] is None


def test_of_a_moving_picture_the_first_frame_stands_there(chat: Chat, ada: User, site: Site, leaf: str):
    site.image("/leaf.jpg", moving(), "image/gif")

    shown = looked_up(chat, ada, leaf)["picture"]

    with Image.open(BytesIO(kept(shown["id"], "file"))) as image:
        assert getattr(image, "n_frames", 1) == 1


def test_where_the_disk_is_full_there_is_no_picture(chat: Chat, ada: User, leaf: str, settings: Any):
    settings.FILES_LEAVE_FREE_BYTES = 2**62

    assert looked_up(chat, ada, leaf)["picture"] is None


def test_a_link_is_asked_for_once_however_often_it_is_posted(
    chat: Chat, ada: User, bob: User, other: Chat, leaf: str, site: Site
):
    looked_up(chat, ada, leaf)

    assert looked_up(other, bob, leaf)["picture"] is not None
    assert site.asked == ["/leaf", "/leaf.jpg"]


def test_who_comes_while_it_is_being_asked_for_waits_for_what_is_found(
    chat: Chat, ada: User, other: Chat, leaf: str, site: Site
):
    say(other, ada, leaf)

    def meanwhile(asked: Asked) -> None:
        if asked.path == "/leaf" and waiting():
            jobs.do_all()

    site.before = meanwhile
    looked_up(chat, ada, leaf)
    jobs.do_all()

    assert site.asked == ["/leaf", "/leaf.jpg"]
    later = DBTaskResult.objects.get(status="READY")
    assert later.run_after > timezone.now()
    DBTaskResult.objects.filter(id=later.id).update(run_after=timezone.now())
    jobs.do_all()
    assert card(other)["title"] == card(chat)["title"] == "Leaf"


def test_one_person_does_not_make_the_house_knock_everywhere(
    chat: Chat, ada: User, bob: User, site: Site, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(PER_PERSON, "limit", 2)
    urls = [site.page(f"/{number}", f"<title>{number}</title>") for number in range(4)]

    assert [bool(looked_up(chat, ada, url)) for url in urls[:3]] == [True, True, False]
    assert looked_up(chat, ada, urls[0]) is not None  # nobody is asked for that
    assert looked_up(chat, bob, urls[3]) is not None


def test_no_host_is_knocked_at_by_everybody_at_once(
    chat: Chat, ada: User, bob: User, site: Site, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(link_lookups.PER_HOST, "limit", 1)
    monkeypatch.setitem(PER_PERSON, "limit", 1)  # who waits is counted once

    assert looked_up(chat, ada, site.page("/1", "<title>1</title>")) is not None
    assert looked_up(chat, bob, site.page("/2", "<title>2</title>")) is None
    assert site.asked == ["/1"]

    a_minute_later("127.0.0.2")
    assert card(chat, 2)["title"] == "2"


def test_who_posts_too_many_links_spoils_no_host_for_the_others(
    chat: Chat, ada: User, bob: User, site: Site, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(link_lookups.PER_HOST, "limit", 2)
    monkeypatch.setitem(PER_PERSON, "limit", 1)
    urls = [site.page(f"/{number}", f"<title>{number}</title>") for number in range(4)]

    assert [bool(looked_up(chat, ada, url)) for url in urls] == [True, False, False, False]
    assert looked_up(chat, bob, urls[3]) is not None
    assert waiting() == 0


def test_a_host_that_stays_busy_is_given_up(chat: Chat, ada: User, site: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(link_lookups.PER_HOST, "limit", 0)
    looked_up(chat, ada, site.page("/", "<title>Busy</title>"))

    for _ in range(previews.ASK_AGAIN_TIMES):
        assert waiting_for_later() == 1
        a_minute_later("127.0.0.2")

    assert waiting_for_later() == 0
    assert site.asked == []


@pytest.fixture
def victim(settings: Any, site: Site) -> Iterator[Receiver]:
    """A host to which others lead: `/hop` leads on to `/`, a picture; all else is a page."""
    settings.FETCH_ALLOWED_NETWORKS = [ipaddress.ip_network("127.0.0.2/31")]
    a_minute_later("127.0.0.3")  # other tests had it, too
    there: dict[str, Reply] = {
        "/": (200, {"Content-Type": "image/png"}, picture()),
        "/hop": (302, {"Location": "/"}, b""),
    }
    page = (200, HTML_TYPE, b"<title>There</title>")
    with receiver(lambda asked: there.get(asked.path, page), host="127.0.0.3") as asked:
        yield asked


def test_no_host_is_knocked_at_for_pictures_that_others_name(
    chat: Chat, ada: User, site: Site, victim: Receiver, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(link_lookups.PER_HOST, "limit", 3)
    named = f'<meta property="og:image" content="{victim.url("/hop", "127.0.0.3")}">'
    urls = [site.page(f"/{number}", f"<title>{number}</title>{named}") for number in range(3)]

    shown = [looked_up(chat, ada, url)["picture"] for url in urls]

    assert [bool(picture) for picture in shown] == [True, False, False]
    assert [asked.path for asked in victim.asked] == ["/hop", "/", "/hop"]


def test_no_host_is_knocked_at_by_way_of_others(
    chat: Chat, ada: User, site: Site, victim: Receiver, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(link_lookups.PER_HOST, "limit", 2)
    assert looked_up(chat, ada, victim.url("/1", "127.0.0.3")) is not None
    assert looked_up(chat, ada, site.sent_on("/2", victim.url("/2", "127.0.0.3"))) is not None

    there = victim.url("/3", "127.0.0.3.")  # a dot at the end makes it no other host
    assert looked_up(chat, ada, site.sent_on("/3", there)) is None

    assert [asked.path for asked in victim.asked] == ["/1", "/2"]
    assert waiting_for_later() == 1


def test_an_edit_takes_the_card_off_at_once_and_brings_the_new_one(chat: Chat, ada: User, leaf: str, site: Site):
    first = looked_up(chat, ada, leaf)
    other = site.page("/other", "<title>Other</title>")

    edited = Api(ada)("PATCH", path(chat), {"body": f"no, {other}"}).json()

    assert "link_preview" not in edited
    assert content(chat, ada, first["picture"]["id"]).status_code == 404
    jobs.do_all()
    assert card(chat)["title"] == "Other"
    services.erase_dropped_files()
    assert pictures() == []
    with pytest.raises(FileNotFoundError):
        kept(first["picture"]["id"], "file")


def test_an_edit_of_other_words_leaves_the_card(chat: Chat, ada: User, leaf: str, site: Site):
    first = looked_up(chat, ada, leaf)

    edited = Api(ada)("PATCH", path(chat), {"body": f"**see** {leaf}"}).json()

    assert edited["link_preview"] == first
    assert waiting() == 0


def test_an_edit_may_bring_a_link_or_take_it_away(chat: Chat, ada: User, leaf: str):
    say(chat, ada, "wait")

    Api(ada)("PATCH", path(chat), {"body": leaf})
    jobs.do_all()
    assert card(chat) is not None

    assert "link_preview" not in Api(ada)("PATCH", path(chat), {"body": f"`{leaf}`"}).json()
    assert waiting() == 0


@pytest.mark.parametrize("end", ["edited", "deleted", "closed", "erased", "removed"])
def test_what_is_found_is_dropped_where_the_message_is_another_by_then(
    chat: Chat, ada: User, site: Site, leaf: str, end: str, told: Told
):
    def meanwhile(asked: Asked) -> None:
        if asked.path != "/leaf.jpg":
            return
        if end == "edited":
            Message.objects.filter(chat=chat).update(body="other words")
        elif end == "deleted":
            services.delete_message(chat_id=chat.id, actor_id=ada.id, seq=1)
        elif end == "closed":
            services.close_chat(chat_id=chat.id, actor_id=ada.id)
        elif end == "erased":
            Chat.objects.filter(id=chat.id).delete()
        elif end == "removed":
            services.remove_preview(chat_id=chat.id, actor_id=ada.id, seq=1)

    say(chat, ada, leaf)
    site.before = lambda asked: in_thread(meanwhile, asked)
    jobs.do_all()

    assert not any("link_preview" in item.get("message", {}) for item in told.to(chat_group(chat.id)))
    assert not Message.objects.filter(extras__has_key="link_preview").exists()
    assert pictures() == []
    assert DBTaskResult.objects.failed().count() == 0


def in_thread(deed: Any, asked: Asked) -> None:
    """The site's threads have connections of their own, which end here."""
    try:
        deed(asked)
    finally:
        close_connections()


def test_where_the_chat_ends_between_picture_and_card_no_file_is_left(
    chat: Chat, ada: User, leaf: str, monkeypatch: pytest.MonkeyPatch
):
    saved: list[Any] = []
    save = store.save

    def ended(attachment_id: Any, name: str, data: Any) -> None:
        saved.append(attachment_id)
        Chat.objects.filter(id=chat.id).delete()
        services.erase_dropped_files()
        save(attachment_id, name, data)

    monkeypatch.setattr(store, "save", ended)
    say(chat, ada, leaf)
    jobs.do_all()

    assert pictures() == []
    with pytest.raises(FileNotFoundError):
        kept(saved[0], "file")


def test_where_the_picture_cannot_be_kept_no_row_is_left_and_the_job_is_tried_again(
    chat: Chat, ada: User, leaf: str, monkeypatch: pytest.MonkeyPatch
):
    def away(*_: object) -> None:
        raise OSError("the bucket is away")

    with monkeypatch.context() as bucket:
        bucket.setattr(store, "save", away)
        assert looked_up(chat, ada, leaf) is None
    assert pictures() == []
    assert DBTaskResult.objects.failed().update(status="READY") == 1

    jobs.do_all()

    assert card(chat)["picture"] is not None


def test_where_nothing_can_be_taken_out_of_the_bucket_the_sweep_does_it_later(
    chat: Chat, ada: User, leaf: str, monkeypatch: pytest.MonkeyPatch
):
    def away(*_: object) -> None:
        raise OSError("the bucket is away")

    with monkeypatch.context() as bucket:
        bucket.setattr(store, "save", away)
        bucket.setattr(store, "erase", away)
        looked_up(chat, ada, leaf)

    assert [one.chat_id for one in pictures()] == [None]
    services.erase_dropped_files()
    assert pictures() == []


def test_it_goes_with_its_message(chat: Chat, ada: User, leaf: str):
    shown = looked_up(chat, ada, leaf)

    deleted = Api(ada)("DELETE", path(chat)).json()

    assert "link_preview" not in deleted
    assert content(chat, ada, shown["picture"]["id"]).status_code == 404
    services.erase_dropped_files()
    with pytest.raises(FileNotFoundError):
        kept(shown["picture"]["id"], "file")


def test_a_job_that_is_done_twice_leaves_one_card(chat: Chat, ada: User, leaf: str):
    shown = looked_up(chat, ada, leaf)

    DBTaskResult.objects.update(status="READY")
    jobs.do_all()

    assert card(chat) == shown
    assert [one.state for one in pictures()] == [Progress.READY]


def test_its_sender_takes_it_off_and_it_does_not_come_back(chat: Chat, ada: User, bob: User, leaf: str, told: Told):
    shown = looked_up(chat, bob, leaf)

    answer = Api(bob)("DELETE", f"{path(chat)}/link-preview")

    assert answer.status_code == 200
    assert "link_preview" not in answer.json()
    assert told.to(chat_group(chat.id))[-1]["message"] == answer.json() == the_message(chat)
    assert content(chat, bob, shown["picture"]["id"]).status_code == 404
    assert Api(bob)("DELETE", f"{path(chat)}/link-preview").json() == answer.json()  # once more changes nothing
    DBTaskResult.objects.update(status="READY")
    Api(bob)("PATCH", path(chat), {"body": f"the same {leaf}"})
    jobs.do_all()
    assert card(chat) is None


def test_after_another_link_it_comes_again(chat: Chat, ada: User, leaf: str, site: Site):
    looked_up(chat, ada, leaf)
    Api(ada)("DELETE", f"{path(chat)}/link-preview")

    Api(ada)("PATCH", path(chat), {"body": site.page("/other", "<title>Other</title>")})
    jobs.do_all()

    assert card(chat)["title"] == "Other"
    assert "link_preview_removed" not in the_message(chat)


def test_it_can_be_declined_before_it_comes(chat: Chat, ada: User, leaf: str, site: Site):
    say(chat, ada, leaf)

    assert Api(ada)("DELETE", f"{path(chat)}/link-preview").json()["link_preview_removed"] is True
    jobs.do_all()

    assert card(chat) is None
    assert site.asked == []


def test_who_manages_the_chat_takes_it_off_and_nobody_else(
    chat: Chat, ada: User, bob: User, eve: User, guest: User, leaf: str, told: Told
):
    services.enrol(chat_id=chat.id, user_id=guest.id)
    shown = looked_up(chat, ada, leaf)
    told.items.clear()

    refused = [Api(who)("DELETE", f"{path(chat)}/link-preview").status_code for who in (bob, guest, eve, None)]

    assert refused == [403, 403, 404, 401]
    assert told.items == []
    assert card(chat) == shown
    looked_up(chat, bob, leaf)
    assert Api(ada)("DELETE", f"{path(chat, 2)}/link-preview").status_code == 200


def test_of_what_is_not_there_none_is_taken_off(chat: Chat, ada: User):
    say(chat, ada, "no link")
    plain = the_message(chat)

    assert Api(ada)("DELETE", f"{path(chat)}/link-preview").json() == plain
    assert Api(ada)("DELETE", f"{path(chat, 9)}/link-preview").status_code == 404
    Api(ada)("DELETE", path(chat))
    assert Api(ada)("DELETE", f"{path(chat)}/link-preview").status_code == 409


def test_a_guest_whose_link_is_refused_is_not_looked_up(chat: Chat, guest: User, leaf: str, site: Site):
    services.enrol(chat_id=chat.id, user_id=guest.id)
    Chat.objects.filter(id=chat.id).update(guest_links="refused")

    with pytest.raises(LinksRefused):
        say(chat, guest, leaf)

    assert waiting() == 0


def test_switched_off_nothing_is_queued_and_nothing_asked(chat: Chat, ada: User, leaf: str, site: Site, settings: Any):
    say(chat, ada, leaf)
    settings.LINK_PREVIEWS = False

    jobs.do_all()  # queued before it was switched off
    say(chat, ada, leaf)
    Api(ada)("PATCH", path(chat), {"body": f"edited {leaf}"})

    assert waiting() == 0
    assert site.asked == []


def test_it_is_queued_once_and_not_for_what_is_refused(chat: Chat, ada: User, eve: User, leaf: str):
    with pytest.raises(NotAMember):
        say(chat, eve, leaf)
    assert waiting() == 0
    known = uuid4()

    for _ in range(2):
        say(chat, ada, leaf, known)

    assert (Message.objects.count(), waiting()) == (1, 1)


def test_it_is_queued_with_the_message_or_not_at_all(chat: Chat, ada: User, leaf: str, monkeypatch: pytest.MonkeyPatch):
    say(chat, ada, "root")

    def away(*_: object, **__: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(careful, "replied", away)  # what comes after it in the same transaction
    with pytest.raises(Unavailable):
        say(chat, ada, leaf, thread=1)

    assert (Message.objects.count(), waiting()) == (1, 0)


def test_a_message_without_a_link_keeps_to_the_fast_statements(chat: Chat, ada: User, monkeypatch: pytest.MonkeyPatch):
    posts: list[Post] = []

    def noted(one: Post, on_done: Callable[[services.Sent], None]) -> None:
        posts.append(one)
        on_done(services.Sent({}, created=True))  # type: ignore[typeddict-item]

    monkeypatch.setattr(writer, "submit", noted)

    say(chat, ada, "see http: //tea.example and tea.example")
    say(chat, ada, "see http://tea.example")

    assert [one.needs_care for one in posts] == [False, True]


def test_what_a_card_costs(chat: Chat, ada: User, leaf: str):
    seq = say(chat, ada, leaf).message["seq"]

    with counted() as statements:
        previews.show_preview.call(str(chat.id), seq)

    assert card(chat)["picture"] is not None
    assert len(statements) <= 10, statements
    with counted() as statements:
        Api(ada)("DELETE", f"{path(chat)}/link-preview")
    assert len(statements) <= 9, statements
