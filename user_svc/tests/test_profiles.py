"""What people say of themselves, what they show, whom they block: by the API, as everybody may ask."""

import datetime as dt
import json
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import storages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from abdre.cache import own_card
from abdre.store import store
from abdre.tests.signing import bearer
from user_svc import presence, selectors, services
from user_svc.api import me
from user_svc.events import block_changed, preferences_changed, user_changed
from user_svc.models import User
from user_svc.services import anonymise, folder_of

ME = "/api/users/me"


@pytest.fixture
def eve(transactional_db: None) -> User:
    return services.create_member(username="eve", password=None, display_name="Eve")


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch, ada: User, bob: User) -> None:
    """Ada and bob are in one chat; eve and the guest are not."""
    ids = {ada.id, bob.id}

    def peers(*, user_id: object, candidates: Any) -> set[Any]:
        return ids & set(candidates) if user_id in ids else set()

    monkeypatch.setattr("user_svc.selectors.visibility.peers", peers)
    monkeypatch.setattr("user_svc.selectors.presence.peers", peers)


def ask(user: User | None, method: str, path: str, body: object = None, **options: Any) -> Any:
    sent = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
    return Client().generic(method, path, headers=bearer(user.id) if user else {}, **{**sent, **options})


def image(colour: str = "red") -> bytes:
    file = BytesIO()
    Image.new("RGB", (80, 60), colour).save(file, "PNG")
    return file.getvalue()


def put_picture(user: User, content: bytes, media_type: str = "image/png") -> Any:
    return ask(user, "PUT", f"{ME}/picture", data=content, content_type=media_type)


def picture_path(user: User, picture: str, size: int = 64) -> str:
    return f"/api/users/{user.id}/picture?v={picture}&size={size}"


def files_of(user: User) -> list[str]:
    return storages["pictures"].listdir(folder_of(user.id))[1]


# Profile


def test_a_status_and_a_word_about_oneself_are_kept_and_shown(ada: User, bob: User):
    until = timezone.now() + dt.timedelta(hours=1)
    status = {"emoji": "🌿", "text": "On leave", "until": until.isoformat()}

    changed = ask(ada, "PATCH", ME, {"status": status, "about": "Line one\nline two"})
    seen = ask(bob, "GET", f"/api/users/{ada.id}").json()

    assert changed.status_code == 200
    assert (seen["status"]["emoji"], seen["status"]["text"], seen["about"]) == ("🌿", "On leave", "Line one\nline two")


def test_a_status_ends_by_itself(ada: User, bob: User, monkeypatch: pytest.MonkeyPatch):
    until = timezone.now() + dt.timedelta(hours=1)
    ask(ada, "PATCH", ME, {"status": {"text": "Lunch", "until": until.isoformat()}})

    monkeypatch.setattr("user_svc.events.timezone.now", lambda: until)

    assert selectors.profile_json(user_id=ada.id, asked_by=bob.id)["status"] is None


def test_a_status_is_taken_back(ada: User):
    ask(ada, "PATCH", ME, {"status": {"text": "Lunch"}})

    assert ask(ada, "PATCH", ME, {"status": None}).json()["status"] is None


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"about": "x" * 501}, "about"),
        ({"about": "a\u202eb"}, "about"),
        ({"status": {"text": "x" * 101}}, "status"),
        ({"status": {"text": "two\nlines"}}, "status"),
        ({"status": {"emoji": "hello"}}, "status"),
        ({"status": {"emoji": "😀" * 17}}, "status"),
        ({"status": {"emoji": "1"}}, "status"),
        ({"status": {"text": "then", "until": "2020-01-01T00:00:00Z"}}, "status"),
        ({"status": "busy"}, "status"),
        ({"display_name": ""}, "display_name"),
        ({"display_name": "Ada", "about": "x" * 501}, "about"),
    ],
)
def test_what_cannot_be_shown_is_refused_and_nothing_is_changed(ada: User, facts: dict[str, Any], field: str):
    before = ask(ada, "GET", ME).json()

    refused = ask(ada, "PATCH", ME, facts)

    assert (refused.status_code, list(refused.json()["error"]["fields"])) == (422, [field])
    assert ask(ada, "GET", ME).json() == before


@pytest.mark.parametrize("emoji", ["🌿", "❤️", "👩‍👩‍👧‍👦", "🇰🇿", "👍🏽", "1️⃣", "‼️", ""])
def test_every_emoji_may_stand_there(ada: User, emoji: str):
    assert ask(ada, "PATCH", ME, {"status": {"emoji": emoji, "text": "x"}}).json()["status"]["emoji"] == emoji


def test_changes_are_limited(ada: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(me.CHANGES, "limit", 2)

    assert [ask(ada, "PATCH", path, {}).status_code for path in (ME, f"{ME}/privacy", ME)] == [200, 200, 429]


def test_a_change_is_told_with_the_card_and_the_status(ada: User, told: list[Any]):
    ask(ada, "PATCH", ME, {"status": {"text": "Lunch"}})

    [(group, event)] = told
    assert group == f"user.{ada.id}"
    assert event["status"] == {"emoji": "", "text": "Lunch", "until": None}
    assert event["user"] == {"id": str(ada.id), "display_name": "Ada", "is_guest": False, "picture": None}


def test_who_begins_or_ceases_to_show_that_they_are_here_is_looked_at_anew(ada: User, told: list[Any]):
    for shown in (False, False, True):
        ask(ada, "PATCH", f"{ME}/privacy", {"shows_presence": shown, "shows_receipts": True})

    assert [(group, event["type"]) for group, event in told] == [(f"user.{ada.id}", "user.changed")] * 2


def test_changed_preferences_are_told_to_ones_own_devices_alone(ada: User, told: list[Any]):
    ask(ada, "PATCH", f"{ME}/preferences", {"quiet_from": "22:00", "quiet_until": "07:00"})

    assert told == [(f"user.{ada.id}", {"type": "preferences.changed"})]


def test_events_have_every_key(ada: User):
    assert user_changed(ada).keys() == {"type", "user", "status"}
    assert preferences_changed() == {"type": "preferences.changed"}
    assert block_changed(ada.id, blocked=True) == {"type": "block.changed", "user": str(ada.id), "blocked": True}


# Picture


def test_a_picture_is_set_seen_replaced_and_removed(ada: User, bob: User):
    first = put_picture(ada, image()).json()["picture"]
    seen = ask(bob, "GET", picture_path(ada, first))

    assert (seen.status_code, seen["Content-Type"]) == (200, "image/webp")
    assert seen["Cache-Control"] == "private, max-age=31536000, immutable"
    assert seen["X-Content-Type-Options"] == "nosniff"
    assert seen["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "sandbox" in seen["Content-Security-Policy"]

    second = put_picture(ada, image("blue")).json()["picture"]
    assert second != first
    assert ask(bob, "GET", picture_path(ada, first)).status_code == 404
    assert set(files_of(ada)) == {f"{second}-64.webp", f"{second}-256.webp"}

    assert ask(ada, "DELETE", f"{ME}/picture").json()["picture"] is None
    assert files_of(ada) == []


def test_who_does_not_see_the_profile_does_not_see_the_picture(guest: User, ada: User, eve: User):
    picture = put_picture(guest, image()).json()["picture"]

    for stranger in (ada, eve):
        assert ask(stranger, "GET", picture_path(guest, picture)).status_code == 404
    assert ask(None, "GET", picture_path(guest, picture)).status_code == 401
    assert ask(guest, "GET", picture_path(guest, picture)).status_code == 200


@pytest.mark.parametrize(
    "query", ["", "?v=", "?v={v}&size=65", "?v={v}&size=-1", "?v={v}&size=x", "?v=../{v}", "?v=%00"]
)
def test_an_address_that_names_no_content_leads_nowhere(ada: User, query: str):
    picture = put_picture(ada, image()).json()["picture"]

    assert ask(ada, "GET", f"/api/users/{ada.id}/picture{query.format(v=picture)}").status_code == 404


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b"<script>alert(1)</script>", "image/png", 422),
        (b"<svg/>", "image/svg+xml", 422),
        (b"", "image/png", 422),
        (image(), "text/html", 415),
    ],
)
def test_what_is_no_picture_is_refused(ada: User, content: bytes, media_type: str, status: int):
    assert put_picture(ada, content, media_type).status_code == status
    assert ask(ada, "GET", ME).json()["picture"] is None


def test_nobody_sets_a_picture_without_a_name(ada: User):
    assert ask(None, "PUT", f"{ME}/picture", data=image(), content_type="image/png").status_code == 401


def test_uploads_are_limited(ada: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(me.UPLOADS, "limit", 2)

    assert [put_picture(ada, image()).status_code for _number in range(3)] == [200, 200, 429]


# Privacy


def test_privacy_is_open_until_it_is_changed(ada: User):
    assert ask(ada, "GET", f"{ME}/privacy").json() == {
        "shows_presence": True,
        "shows_receipts": True,
        "shows_local_time": False,
        "is_findable": True,
        "who_may_write": "everybody",
    }
    changed = ask(ada, "PATCH", f"{ME}/privacy", {"is_findable": False, "who_may_write": "nobody"}).json()
    assert (changed["is_findable"], changed["who_may_write"], changed["shows_presence"]) == (False, "nobody", True)


@pytest.mark.parametrize("facts", [{"who_may_write": "friends"}, {"shows_presence": "yes"}])
def test_unknown_privacy_is_refused(ada: User, facts: dict[str, Any]):
    assert ask(ada, "PATCH", f"{ME}/privacy", facts).status_code == 422


def test_who_wants_not_to_be_found_is_not(ada: User, bob: User):
    services.change_privacy(user_id=ada.id, facts={"is_findable": False})

    assert selectors.search("ada", asked_by=bob.id) == []


def test_who_hides_presence_is_as_unknown_even_while_they_are_there(ada: User, bob: User, shared: None):
    presence.arrive([ada.id], held=[ada.id], holder="x")
    seen = ask(bob, "GET", f"/api/users/presence?ids={ada.id}").json()
    assert seen[str(ada.id)]["online"]

    services.change_privacy(user_id=ada.id, facts={"shows_presence": False})

    assert ask(bob, "GET", f"/api/users/presence?ids={ada.id}").json() == {}
    assert str(ada.id) in ask(ada, "GET", f"/api/users/presence?ids={ada.id}").json()


def test_the_time_zone_is_shown_only_if_it_is_to_be(ada: User, bob: User):
    services.change_preferences(user_id=ada.id, facts={"time_zone": "Asia/Almaty"})
    assert ask(bob, "GET", f"/api/users/{ada.id}").json()["time_zone"] is None

    services.change_privacy(user_id=ada.id, facts={"shows_local_time": True})

    assert ask(bob, "GET", f"/api/users/{ada.id}").json()["time_zone"] == "Asia/Almaty"


# Preferences


def test_preferences_are_changed_one_by_one(ada: User):
    ask(ada, "PATCH", f"{ME}/preferences", {"theme": "dark"})
    changed = ask(ada, "PATCH", f"{ME}/preferences", {"time_zone": "Asia/Almaty", "enter_sends": False}).json()

    assert changed == {
        "language": "",
        "time_zone": "Asia/Almaty",
        "theme": "dark",
        "accent": "petrol",
        "text_size": "normal",
        "enter_sends": False,
        "sounds": True,
        "hides_text": False,
        "quiet_from": "",
        "quiet_until": "",
        "digest": False,
    }
    assert ask(ada, "GET", ME).json()["preferences"] == ask(ada, "GET", f"{ME}/preferences").json() == changed


@pytest.mark.parametrize(
    "facts", [{"theme": "pink"}, {"language": "tlh"}, {"time_zone": "../../etc/passwd"}, {"sounds": 1}]
)
def test_unknown_preferences_are_refused(ada: User, facts: dict[str, Any]):
    assert ask(ada, "PATCH", f"{ME}/preferences", facts).status_code == 422


# Blocks


def test_a_block_works_both_ways_and_is_seen_by_the_blocker_alone(ada: User, bob: User, shared: None, told: list[Any]):
    path = f"/api/users/blocks/{bob.id}"
    assert ask(ada, "PUT", path).status_code == ask(ada, "PUT", path).status_code == 204

    assert [item["id"] for item in ask(ada, "GET", "/api/users/blocks").json()["items"]] == [str(bob.id)]
    assert ask(ada, "GET", ME).json()["blocked"] == [str(bob.id)]
    assert ask(ada, "GET", f"/api/users/{bob.id}").json()["is_blocked"]
    assert ask(bob, "GET", "/api/users/blocks").json()["items"] == ask(bob, "GET", ME).json()["blocked"] == []
    assert not ask(bob, "GET", f"/api/users/{ada.id}").json()["is_blocked"]
    assert {group for group, _event in told} == {f"user.{ada.id}"}
    for one, other in ((ada, bob), (bob, ada)):
        assert selectors.search(other.username or "", asked_by=one.id) == []
        assert ask(one, "GET", f"/api/users/presence?ids={other.id}").json() == {}

    assert ask(ada, "DELETE", path).status_code == 204
    assert selectors.search("bob", asked_by=ada.id) == [bob]


def test_nobody_blocks_themselves_or_whom_they_cannot_see(ada: User, bob: User, guest: User, eve: User):
    def status(method: str, user_id: object) -> int:
        code: int = ask(ada, method, f"/api/users/blocks/{user_id}").status_code
        return code

    assert [status("PUT", user_id) for user_id in (ada.id, guest.id, uuid4())] == [422, 404, 404]
    assert status("DELETE", bob.id) == 404
    assert ask(None, "PUT", f"/api/users/blocks/{bob.id}").status_code == 401


# What it costs, and what is left


def test_ones_own_and_anothers_profile_cost_a_few_queries(ada: User, bob: User):
    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert ask(ada, "GET", path).status_code == 200
        return len(captured)

    assert (cost(ME), cost(f"/api/users/{bob.id}"), cost(f"{ME}/preferences")) == (3, 3, 1)


def test_whatever_is_changed_is_not_shown_from_what_is_kept(ada: User, bob: User):
    deeds = [
        lambda: put_picture(ada, image()),
        lambda: ask(ada, "PATCH", f"{ME}/preferences", {"theme": "dark"}),
        lambda: ask(ada, "PATCH", ME, {"about": "new"}),
        lambda: ask(ada, "PUT", f"/api/users/blocks/{bob.id}"),
        lambda: ask(ada, "DELETE", f"/api/users/blocks/{bob.id}"),
    ]
    for deed in deeds:
        store.put(own_card(ada.id), "{}", ttl_s=60)
        deed()
        assert store.get(own_card(ada.id)) == "null"


def test_nothing_of_it_is_left_when_the_account_is_deleted(ada: User, bob: User):
    put_picture(ada, image())
    ask(ada, "PATCH", ME, {"about": "me", "status": {"text": "here"}})
    ask(ada, "PATCH", f"{ME}/preferences", {"theme": "dark"})
    ask(ada, "PUT", f"/api/users/blocks/{bob.id}")
    ask(bob, "PUT", f"/api/users/blocks/{ada.id}")

    anonymise(user_id=ada.id)
    anonymise(user_id=ada.id)

    shown = ask(bob, "GET", f"/api/users/{ada.id}").json()
    assert (shown["picture"], shown["about"], shown["status"], shown["is_blocked"]) == (None, "", None, False)
    assert not storages["pictures"].exists(folder_of(ada.id))
    assert ask(ada, "GET", f"{ME}/preferences").json()["theme"] == "system"


def test_the_archive_holds_it(ada: User, bob: User):
    ask(ada, "PATCH", ME, {"about": "me", "status": {"text": "here"}})
    ask(ada, "PUT", f"/api/users/blocks/{bob.id}")

    profile: Any = selectors.own_profile(ada.id)

    assert (profile["about"], profile["status"]["text"], profile["blocked"]) == ("me", "here", [str(bob.id)])
    assert profile["privacy"]["is_findable"]
    assert profile["preferences"]["theme"] == "system"


def test_who_is_silenced_everywhere_says_nothing_by_a_new_name_and_keeps_the_old_one(ada: User):
    services.silence(user_id=ada.id, until=timezone.now() + dt.timedelta(hours=1))

    refused = ask(ada, "PATCH", ME, {"display_name": "Buy tea"})
    kept = ask(ada, "PATCH", ME, {"display_name": ada.display_name, "about": "Tea."})

    assert (refused.status_code, list(refused.json()["error"]["fields"])) == (422, ["display_name"])
    assert (kept.status_code, kept.json()["display_name"]) == (200, ada.display_name)
    services.silence(user_id=ada.id, until=timezone.now())
    assert ask(ada, "PATCH", ME, {"display_name": "Ada again"}).status_code == 200
