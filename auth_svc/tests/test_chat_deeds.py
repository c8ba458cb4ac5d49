"""The screens of deeds on messages, members and chats: each shows facts without words, and does one deed."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.auth.models import Group

from auth_svc.admin.deeds import SCREENS, chats, members, messages
from auth_svc.tests.people import Browser, Visitor
from auth_svc.tests.test_deeds import press, staff
from chat_svc import selectors, services
from chat_svc.selectors.records import last_entries
from chat_svc.services.moderation import Right
from user_svc.selectors import MODERATORS

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "zanzibar"
WHY = "Against the rules"
OURS = [screen.name for module in (messages, members, chats) for screen in module.SCREENS]


class Scene:
    """Ada's private chat with bob, who has said something there; and what the screens want to know."""

    def __init__(self, ada: Visitor, bob: Visitor, moderator: Browser) -> None:
        self.ada, self.bob, self.moderator = ada, bob, moderator
        self.chat = services.create_chat(creator_id=ada.id, kind="group", title=SECRET, members=[bob.id]).id
        services.send_message(chat_id=self.chat, sender_id=bob.id, client_id=uuid4(), body=f"**{SECRET}**")
        self.targets: dict[str, Any] = {"person": bob.id, "chat": self.chat, "seq": 1, "entry": 1}

    def press(self, name: str, **fields: object) -> str:
        """What the next page says of it."""
        answer = press(self.moderator, name, **{**self.targets, "reason": WHY, **fields})
        assert answer.status_code == 302, answer.content.decode()
        return self.moderator.get("/admin/").content.decode()

    def shown(self, name: str) -> str:
        fields = "&".join(f"{field}={value}" for field, value in self.targets.items())
        answer = self.moderator.get(f"/admin/deeds/{name}/?{fields}")
        assert answer.status_code == 200
        return answer.content.decode()

    def deeds(self) -> list[str]:
        return [entry.deed for entry in last_entries(self.bob.id)]

    def detail(self) -> Any:
        return selectors.chat_detail(chat_id=self.chat, user_id=self.ada.id)

    def bodies(self) -> list[str]:
        found = selectors.messages(chat_id=self.chat, user_id=self.ada.id)["items"]
        return [message["body"] for message in found if message["kind"] == "text"]

    def people(self) -> set[Any]:
        return selectors.active_members([self.chat])[self.chat]


@pytest.fixture
def scene(ada: Visitor, bob: Visitor, browser: Callable[[], Browser]) -> Scene:
    return Scene(ada, bob, staff(browser(), "mira", MODERATORS))


def test_the_names_are_those_that_pages_link_to():
    assert set(OURS) == {
        "delete-message", "delete-messages-of", "restore-messages", "silence", "unsilence", "remove-member",
        "ban-from-chat", "unban-from-chat", "close-chat", "reopen-chat", "lock-chat", "unlock-chat", "slow-chat",
    }  # fmt: skip
    assert set(OURS) <= set(SCREENS)


def test_what_nobody_has_reported_is_not_shown(scene: Scene):
    for name in OURS:
        if name != "restore-messages":
            assert SECRET not in scene.shown(name)


def test_what_was_reported_is_shown_as_it_was(scene: Scene):
    services.report_message(chat_id=scene.chat, reporter_id=scene.ada.id, seq=1, reason="spam")
    services.edit_message(chat_id=scene.chat, actor_id=scene.bob.id, seq=1, body="nothing")

    shown = scene.shown("delete-message")

    assert f"**{SECRET}**" in shown
    assert "nothing" not in shown


def test_who_reads_reported_words_to_delete_them_is_noted_once(scene: Scene):
    scene.shown("delete-message")
    assert last_looks(scene) == []
    services.report_message(chat_id=scene.chat, reporter_id=scene.ada.id, seq=1, reason="spam")

    for _ in range(2):
        scene.shown("delete-message")

    assert last_looks(scene) == [(scene.chat, 1)]


def test_who_handles_no_reports_reads_no_reported_words(scene: Scene):
    services.report_message(chat_id=scene.chat, reporter_id=scene.ada.id, seq=1, reason="spam")
    group = Group.objects.get(name=MODERATORS)
    group.permissions.remove(*group.permissions.filter(codename=Right.HANDLE_REPORTS))

    assert f"**{SECRET}**" not in scene.shown("delete-message")
    assert last_looks(scene) == []


def last_looks(scene: Scene) -> list[Any]:
    noted = apps.get_model("chat_svc.ModerationEntry").objects.filter(deed="looked", actor_id=scene.moderator.id)
    return [(entry.chat_id, entry.seq) for entry in noted]


def test_a_message_is_deleted_and_restored(scene: Scene):
    assert "1 message was deleted." in scene.press("delete-message")
    assert scene.bodies() == [""]
    scene.targets["entry"] = last_entries(scene.bob.id)[0].pk
    assert WHY in scene.shown("restore-messages")

    assert "1 message is there again." in scene.press("restore-messages")
    assert scene.bodies() == [f"**{SECRET}**"]
    assert scene.deeds() == ["messages.restored", "messages.deleted"]

    again = press(scene.moderator, "restore-messages", entry=scene.targets["entry"], reason=WHY)
    assert (again.status_code, b"cannot be taken back" in again.content) == (422, True)


def test_several_at_once_and_all_of_a_person(scene: Scene):
    for _ in range(3):
        services.send_message(chat_id=scene.chat, sender_id=scene.bob.id, client_id=uuid4(), body="more")

    assert "2 messages were deleted." in scene.press("delete-message", seq="1,3")
    assert "2 messages were deleted." in scene.press("delete-messages-of", everywhere="on")
    assert scene.bodies() == [""] * 4


@pytest.mark.parametrize("everywhere", [False, True])
def test_somebody_is_silenced_and_writes_again(scene: Scene, everywhere: bool):
    scope = {"everywhere": "on"} if everywhere else {}
    other = services.create_chat(creator_id=scene.ada.id, kind="group", members=[scene.bob.id]).id

    scene.press("silence", lasts=600, **scope)

    silenced = [
        selectors.chat_detail(chat_id=one, user_id=scene.bob.id)["silenced_until"] for one in (scene.chat, other)
    ]
    assert [until is not None for until in silenced] == [True, everywhere]
    scene.press("unsilence", **scope)
    assert selectors.chat_detail(chat_id=scene.chat, user_id=scene.bob.id)["silenced_until"] is None


def test_without_a_chat_it_is_everywhere(scene: Scene):
    assert 'name="everywhere"' in scene.shown("silence")
    del scene.targets["chat"]
    assert 'name="everywhere"' not in scene.shown("silence")

    scene.press("silence", lasts=600)

    assert selectors.chat_detail(chat_id=scene.chat, user_id=scene.bob.id)["silenced_until"] is not None


def test_who_is_in_a_chat_and_as_what_is_shown_only_where_something_was_reported(scene: Scene, eve: Visitor):
    outsider = {**scene.targets, "person": eve.id}
    assert ">Role<" not in scene.shown("remove-member")
    scene.targets, insider = outsider, scene.targets
    assert ">Role<" not in scene.shown("remove-member")

    services.report_message(chat_id=scene.chat, reporter_id=scene.ada.id, seq=1, reason="abuse")

    query = "&".join(f"{field}={value}" for field, value in outsider.items())
    assert scene.moderator.get(f"/admin/deeds/remove-member/?{query}").status_code == 404
    scene.targets = insider
    assert ">Role<" in scene.shown("remove-member")


def test_somebody_is_put_out_barred_and_let_in_again(scene: Scene):
    scene.press("remove-member")
    assert scene.people() == {scene.ada.id}

    scene.press("ban-from-chat")
    scene.press("unban-from-chat")

    services.enrol(chat_id=scene.chat, user_id=scene.bob.id)
    assert scene.people() == {scene.ada.id, scene.bob.id}


def test_a_chat_is_locked_slowed_closed_and_opened_again(scene: Scene):
    scene.press("lock-chat")
    assert scene.detail()["announcement_only"] is True
    scene.press("unlock-chat")
    assert scene.detail()["announcement_only"] is False
    scene.press("slow-chat", seconds=60)
    assert scene.detail()["slow_mode_s"] == 60
    scene.press("close-chat")
    assert scene.detail()["closed_at"] is not None
    scene.press("reopen-chat")
    assert scene.detail()["closed_at"] is None


@pytest.mark.parametrize("name", OURS)
def test_what_is_not_there_is_not_found(scene: Scene, name: str):
    unknown = f"person={uuid4()}&chat={uuid4()}&seq=9&entry=999"

    for fields in (
        unknown,
        "person=x&chat=x&seq=x&entry=x",
        f"person={scene.bob.id}&chat={scene.chat}&seq=9&entry=999",
    ):
        answer = scene.moderator.get(f"/admin/deeds/{name}/?{fields}")
        is_there = (
            "x" not in fields and str(scene.bob.id) in fields and name not in ("delete-message", "restore-messages")
        )
        assert answer.status_code == (200 if is_there else 404)


@pytest.mark.parametrize(
    ("field", "value"), [("seq", "1,"), ("seq", "0x1"), ("seq", ",".join(["1"] * 201)), ("seq", "")]
)
def test_a_number_that_is_none_is_asked_for_again_or_not_found(scene: Scene, field: str, value: str):
    assert press(scene.moderator, "delete-message", **{**scene.targets, field: value, "reason": WHY}).status_code == 404
    assert scene.bodies() == [f"**{SECRET}**"]
