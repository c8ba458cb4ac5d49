"""Messages kept back until somebody lets them through: by the filter, or as guests' links and files."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from abdre.events import chat_group, user_group
from chat_svc import selectors, services
from chat_svc.errors import (
    AlreadyDecided,
    ChatNotFound,
    EditWouldBeHeld,
    HeldNotFound,
    InvalidMessage,
    NotAllowed,
    NotAMember,
    NotApproved,
    NotStaff,
    ReasonMissing,
    TooManyHeld,
)
from chat_svc.models import (
    WAITING_LIMIT,
    Attachment,
    Chat,
    Deed,
    FilterRule,
    HeldMessage,
    HeldState,
    Membership,
    Message,
)
from chat_svc.models import ModerationEntry as Entry
from chat_svc.selectors.filtering import forget_rules
from chat_svc.selectors.held import held_for_staff
from chat_svc.services import moderation
from chat_svc.services.moderation import Staff
from chat_svc.tests.conftest import Api, Told, batch, member, post, say, send_up, sent_or_held
from user_svc.selectors import MODERATORS
from user_svc.services import appoint

if TYPE_CHECKING:
    from user_svc.models import User

LINK = "see https://example.org"


@pytest.fixture
def gulnara(chat: Chat, ada: User, guest: User) -> User:
    """The guest, in ada's chat, which holds guests' links and files."""
    services.enrol(chat_id=chat.id, user_id=guest.id)
    facts: services.ChatFacts = {"guest_links": "held", "guest_files": "held"}
    services.change_chat(chat_id=chat.id, actor_id=ada.id, facts=facts)
    return guest


@pytest.fixture
def moderator(eve: User) -> Staff:
    appoint(user_id=eve.id, group=MODERATORS)
    return Staff(id=eve.id, address="10.0.0.0/24", reason="rude")


@pytest.fixture
def rule(db: None) -> FilterRule:
    made = FilterRule.objects.create(kind="word", text="darn", action="hold", version=1)
    forget_rules()
    return made


def hold(chat: Chat, user: User, body: str = LINK, client_id: UUID | None = None, **options: Any) -> dict[str, Any]:
    outcome = sent_or_held(chat, user, body, client_id, **options)
    assert isinstance(outcome, services.Held)
    return {**outcome.held, "id": UUID(outcome.held["id"])}


def one(chat: Chat, actor: User, held: dict[str, Any]) -> dict[str, UUID]:
    return {"chat_id": chat.id, "actor_id": actor.id, "held_id": held["id"]}


def test_a_guests_link_waits_and_nobody_in_the_chat_hears_of_it(chat: Chat, ada: User, gulnara: User, told: Told):
    held = hold(chat, gulnara)

    assert (held["why"], held["state"], held["body"]) == ("link", "waiting", LINK)
    assert not Message.objects.filter(chat=chat, body=LINK).exists()
    assert told.to(chat_group(chat.id)) == []
    for person in (gulnara, ada):
        assert [item["type"] for item in told.to(user_group(person.id))] == ["held.changed"]


def test_members_and_words_do_not_wait(chat: Chat, bob: User, gulnara: User):
    assert say(chat, bob, LINK).created
    assert say(chat, gulnara, "no link").created


def test_the_same_client_id_is_held_once(chat: Chat, ada: User, gulnara: User, told: Told):
    client_id = uuid4()
    first = hold(chat, gulnara, client_id=client_id)
    told.items.clear()

    again = sent_or_held(chat, gulnara, LINK, client_id)

    assert isinstance(again, services.Held)
    assert (again.created, again.held["id"]) == (False, str(first["id"]))
    assert told.items == []


def test_what_is_approved_is_said_by_its_author_under_its_client_id(chat: Chat, ada: User, gulnara: User, told: Told):
    client_id = uuid4()
    held = hold(chat, gulnara, f"@Ada **tea**, {LINK}", client_id)
    told.items.clear()

    message = services.approve_held(**one(chat, ada, held))

    assert (message["client_id"], message["sender"]["id"]) == (str(client_id), str(gulnara.id))
    assert message["body"] == f"@Ada **tea**, {LINK}"
    assert "<strong>" in message["html"]
    assert [mention["user"] for mention in message["mentions"]] == [str(ada.id)]
    assert told.types_to(chat_group(chat.id)) == ["message.created"]
    assert [item["held"]["state"] for item in told.to(user_group(gulnara.id))] == ["approved"]
    kept = HeldMessage.objects.get()
    assert (kept.decided_by, kept.body) == (ada.id, "")  # what it says stands in the message alone
    again = sent_or_held(chat, gulnara, "x", client_id)
    assert isinstance(again, services.Sent)
    assert (again.created, again.message["seq"]) == (False, message["seq"])


def test_what_is_rejected_is_never_said_and_its_author_is_told(chat: Chat, ada: User, gulnara: User, told: Told):
    client_id = uuid4()
    held = hold(chat, gulnara, client_id=client_id)
    told.items.clear()

    services.reject_held(**one(chat, ada, held))

    assert told.to(chat_group(chat.id)) == []
    assert [item["held"]["state"] for item in told.to(user_group(gulnara.id))] == ["rejected"]
    with pytest.raises(NotApproved):
        sent_or_held(chat, gulnara, LINK, client_id)
    own = selectors.own_held(chat_id=chat.id, user_id=gulnara.id)
    assert [(item["state"], item["body"]) for item in own] == [("rejected", LINK)]


@pytest.mark.parametrize("later", [services.approve_held, services.reject_held])
@pytest.mark.parametrize("first", [services.approve_held, services.reject_held])
def test_it_is_decided_once(chat: Chat, ada: User, gulnara: User, told: Told, first: Any, later: Any):
    held = hold(chat, gulnara)
    first(**one(chat, ada, held))
    told.items.clear()

    with pytest.raises(AlreadyDecided):
        later(**one(chat, ada, held))

    assert told.items == []


def test_of_two_who_decide_at_once_one_does(chat: Chat, ada: User, gulnara: User):
    held = HeldMessage.objects.get(id=hold(chat, gulnara)["id"])
    services.reject_held(chat_id=chat.id, actor_id=ada.id, held_id=held.id)

    with pytest.raises(AlreadyDecided):  # it waited still when this one looked
        services.holding.let_through(held, by=ada.id)

    assert not Message.objects.filter(chat=chat, sender=gulnara).exists()


@pytest.mark.parametrize("decide", [services.approve_held, services.reject_held])
def test_neither_a_member_nor_its_author_nor_a_stranger_decides(
    chat: Chat, other: Chat, ada: User, bob: User, eve: User, gulnara: User, told: Told, decide: Any
):
    held = hold(chat, gulnara)
    told.items.clear()

    for person in (bob, gulnara):
        with pytest.raises(NotAllowed):
            decide(**one(chat, person, held))
        with pytest.raises(NotAllowed):
            selectors.held_in_chat(chat_id=chat.id, user_id=person.id)
    with pytest.raises(ChatNotFound):
        decide(**one(chat, eve, held))
    with pytest.raises(HeldNotFound):
        decide(**one(other, ada, held))  # by way of another chat of hers

    assert told.items == []
    assert HeldMessage.objects.get().state == "waiting"


def test_what_the_filter_holds_is_not_the_chats_to_let_through(
    chat: Chat, ada: User, bob: User, rule: FilterRule, told: Told
):
    held = hold(chat, bob, "darn")

    assert held["why"] == "words"
    assert told.to(user_group(ada.id)) == []
    assert selectors.held_in_chat(chat_id=chat.id, user_id=ada.id)["items"] == []
    with pytest.raises(HeldNotFound):
        services.approve_held(**one(chat, ada, held))


def test_staff_approves_and_rejects_what_the_filter_holds_one_entry_each(
    chat: Chat, bob: User, rule: FilterRule, moderator: Staff, told: Told
):
    first, second = hold(chat, bob, "darn it"), hold(chat, bob, "darn you")

    moderation.approve_held_message(by=moderator, held_id=first["id"])
    moderation.reject_held_message(by=moderator, held_id=second["id"])

    said = Message.objects.get(chat=chat)
    assert said.body == "darn it"
    approved, rejected = Entry.objects.order_by("id")
    assert (approved.deed, approved.seq, approved.person_id) == ("held.approved", said.seq, bob.id)
    assert (rejected.deed, rejected.target_id, rejected.reason) == ("held.rejected", second["id"], "rude")


def test_what_is_said_meanwhile_is_no_longer_to_be_decided_on(
    chat: Chat, bob: User, gulnara: User, ada: User, rule: FilterRule, moderator: Staff
):
    client_id = uuid4()
    ids = [hold(chat, bob, "darn", client_id)["id"], hold(chat, gulnara, client_id=client_id)["id"]]
    rule.delete()
    forget_rules()
    services.change_chat(chat_id=chat.id, actor_id=ada.id, facts={"guest_links": "allowed"})
    say(chat, bob, "darn", client_id)
    say(chat, gulnara, LINK, client_id)

    assert not held_for_staff().exists()
    assert selectors.held_in_chat(chat_id=chat.id, user_id=ada.id)["items"] == []
    assert selectors.own_held(chat_id=chat.id, user_id=bob.id) == []
    with pytest.raises(HeldNotFound):
        moderation.reject_held_message(by=moderator, held_id=ids[0])
    with pytest.raises(AlreadyDecided):
        services.reject_held(chat_id=chat.id, actor_id=ada.id, held_id=ids[1])
    HeldMessage.objects.update(held_at=timezone.now() - timedelta(days=8))
    services.forget_held_messages()
    assert not HeldMessage.objects.exists()


def test_the_approval_of_what_was_said_meanwhile_is_an_entry_too(
    chat: Chat, bob: User, rule: FilterRule, moderator: Staff
):
    client_id = uuid4()
    held = hold(chat, bob, "darn", client_id)
    waiting = HeldMessage.objects.get()  # as the moderator has found it
    rule.delete()
    forget_rules()
    said = say(chat, bob, "darn", client_id).message["seq"]

    services.holding.let_through(
        waiting,
        by=moderator.id,
        noted=lambda message: moderation.held._note(moderator, Deed.HELD_APPROVED, waiting, seq=message.seq),
    )

    assert [(entry.deed, entry.seq, entry.target_id) for entry in Entry.objects.all()] == [
        ("held.approved", said, held["id"])
    ]
    assert HeldMessage.objects.get().state == "approved"


def test_an_approval_goes_before_its_author_who_asks_again_in_the_same_batch(chat: Chat, ada: User, gulnara: User):
    client_id = uuid4()
    waiting = HeldMessage.objects.get(id=hold(chat, gulnara, client_id=client_id)["id"])
    again = post(chat, gulnara, LINK, client_id)

    def leave() -> None:
        HeldMessage.objects.filter(id=waiting.id).decide(HeldState.APPROVED, by=ada.id)

    approval = again._replace(leave=leave)

    outcomes = batch([again, approval])

    assert [(type(outcome), outcome.created) for outcome in outcomes] == [(services.Sent, False), (services.Sent, True)]


def test_staff_says_why_something_is_rejected(chat: Chat, bob: User, rule: FilterRule, moderator: Staff):
    held = hold(chat, bob, "darn")

    with pytest.raises(ReasonMissing):
        moderation.reject_held_message(by=Staff(id=moderator.id), held_id=held["id"])

    assert HeldMessage.objects.get().state == "waiting"


def test_an_approval_that_is_refused_leaves_all_as_it_was_and_the_rest_of_its_batch_alone(
    chat: Chat, ada: User, bob: User, gulnara: User, told: Told
):
    waiting = HeldMessage.objects.get(id=hold(chat, gulnara)["id"])
    told.items.clear()

    def refuse(message: Message) -> None:
        raise ReasonMissing

    def leave() -> None:
        HeldMessage.objects.filter(id=waiting.id).decide(HeldState.APPROVED, by=ada.id)

    approval = post(chat, gulnara, LINK, waiting.client_id)._replace(leave=leave, also=refuse)
    before, refused, after = batch([post(chat, bob, "before"), approval, post(chat, bob, "after")])

    assert (before.created, after.created) == (True, True)
    assert isinstance(refused, ReasonMissing)
    assert HeldMessage.objects.get().state == "waiting"
    assert [message.body for message in Message.objects.filter(chat=chat, kind="text")] == ["before", "after"]


@pytest.mark.parametrize("decide", [moderation.approve_held_message, moderation.reject_held_message])
def test_who_is_no_staff_decides_nothing(chat: Chat, ada: User, bob: User, rule: FilterRule, told: Told, decide: Any):
    held = hold(chat, bob, "darn")
    told.items.clear()

    with pytest.raises(NotStaff):
        decide(by=Staff(id=ada.id, reason="mine"), held_id=held["id"])

    assert told.items == []
    assert not Entry.objects.exists()


def test_staff_sees_of_private_chats_what_the_filter_holds_alone(
    chat: Chat, ada: User, gulnara: User, moderator: Staff, settings: Any
):
    held = hold(chat, gulnara)

    with pytest.raises(HeldNotFound):
        moderation.approve_held_message(by=moderator, held_id=held["id"])
    settings.MODERATORS_READ = "all"

    moderation.approve_held_message(by=moderator, held_id=held["id"])
    assert Message.objects.filter(chat=chat, sender=gulnara).exists()


def test_a_guests_file_waits_with_its_message_and_goes_into_no_other(chat: Chat, ada: User, gulnara: User, told: Told):
    file = send_up(chat, gulnara, "tea.txt", b"abc")
    held = hold(chat, gulnara, "look", attachments=[file["id"]])

    assert (held["why"], held["attachments"][0]["name"]) == ("file", "tea.txt")
    with pytest.raises(InvalidMessage):
        sent_or_held(chat, gulnara, "again", attachments=[file["id"]])
    Attachment.objects.update(created_at=timezone.now() - timedelta(days=2))
    services.erase_dropped_files()  # which takes what was never sent

    message = services.approve_held(**one(chat, ada, held))
    assert [attachment["id"] for attachment in message["attachments"]] == [str(file["id"])]
    assert Attachment.objects.get().held_id is None


def test_the_file_of_a_rejected_message_goes(chat: Chat, ada: User, gulnara: User):
    file = send_up(chat, gulnara, "tea.txt", b"abc")
    held = hold(chat, gulnara, "look", attachments=[file["id"]])

    services.reject_held(**one(chat, ada, held))
    services.erase_dropped_files()

    assert not Attachment.objects.exists()


@pytest.mark.parametrize("decide", [services.approve_held, services.reject_held])
def test_files_are_locked_before_the_message_that_holds_them(
    chat: Chat, ada: User, gulnara: User, monkeypatch: pytest.MonkeyPatch, decide: Any
):
    file = send_up(chat, gulnara, "tea.txt", b"abc")
    held = hold(chat, gulnara, "look", attachments=[file["id"]])
    locked: list[Any] = []
    for model, name in ((Attachment, "sendable"), (Attachment, "drop"), (HeldMessage, "decide")):
        kind = type(model.objects.all())
        noted = _noting(locked, model, getattr(kind, name))
        monkeypatch.setattr(kind, name, noted)
        monkeypatch.setattr(type(model.objects), name, noted, raising=False)

    decide(**one(chat, ada, held))

    assert locked == [Attachment, HeldMessage]


def _noting(locked: list[Any], model: Any, deed: Any) -> Any:
    def noted(*args: Any, **kwargs: Any) -> Any:
        locked.append(model)
        return deed(*args, **kwargs)

    return noted


def test_a_held_reply_in_a_thread_comes_there(chat: Chat, ada: User, gulnara: User):
    root = say(chat, ada).message["seq"]
    held = hold(chat, gulnara, thread=root, reply_to=root)

    message = services.approve_held(**one(chat, ada, held))

    assert (message["thread"], message["reply_to"]) == (root, root)
    assert Message.objects.get(chat=chat, seq=root).extras["replies"]["count"] == 1  # type: ignore[index]


def test_slow_mode_counts_what_is_held_and_does_not_stop_its_approval(chat: Chat, ada: User, gulnara: User):
    services.change_chat(chat_id=chat.id, actor_id=ada.id, facts={"slow_mode_s": 600})
    held = hold(chat, gulnara)

    assert Membership.objects.get(chat=chat, user=gulnara).last_sent_at is not None
    assert services.approve_held(**one(chat, ada, held))["body"] == LINK


def test_so_many_wait_and_no_more(chat: Chat, ada: User, gulnara: User):
    for _ in range(WAITING_LIMIT):
        held = hold(chat, gulnara)
    with pytest.raises(TooManyHeld):
        sent_or_held(chat, gulnara, LINK)

    services.reject_held(**one(chat, ada, held))
    assert hold(chat, gulnara)


def test_no_guest_edits_a_held_link_into_a_message(chat: Chat, gulnara: User, told: Told):
    seq = say(chat, gulnara, "tea").message["seq"]
    told.items.clear()

    with pytest.raises(EditWouldBeHeld):
        services.edit_message(chat_id=chat.id, actor_id=gulnara.id, seq=seq, body=LINK)

    assert told.items == []


def test_its_author_sees_it_with_the_newest_messages_and_nobody_else_does(
    chat: Chat, ada: User, bob: User, gulnara: User, django_assert_num_queries: Any
):
    with django_assert_num_queries(3):
        assert "held" not in selectors.messages(chat_id=chat.id, user_id=gulnara.id)
    held = hold(chat, gulnara)

    page = selectors.messages(chat_id=chat.id, user_id=gulnara.id)
    assert [item["id"] for item in page["held"]] == [str(held["id"])]
    for person in (ada, bob):
        assert "held" not in selectors.messages(chat_id=chat.id, user_id=person.id)
        assert selectors.own_held(chat_id=chat.id, user_id=person.id) == []


def test_its_author_takes_it_back_and_nobody_else_can(chat: Chat, ada: User, bob: User, gulnara: User, told: Told):
    held = hold(chat, gulnara)
    told.items.clear()

    for person in (ada, bob):
        with pytest.raises(HeldNotFound):
            services.drop_held(chat_id=chat.id, user_id=person.id, held_id=held["id"])
    assert told.items == []
    services.drop_held(chat_id=chat.id, user_id=gulnara.id, held_id=held["id"])

    assert [item["held"]["state"] for item in told.to(user_group(ada.id))] == ["withdrawn"]
    assert [(kept.state, kept.body) for kept in HeldMessage.objects.all()] == [("withdrawn", "")]
    assert selectors.own_held(chat_id=chat.id, user_id=gulnara.id) == []


@pytest.mark.parametrize("is_rejected", [False, True])
def test_what_was_taken_back_is_not_held_anew_for_another_device(
    chat: Chat, ada: User, gulnara: User, told: Told, is_rejected: bool
):
    client_id = uuid4()
    file = send_up(chat, gulnara, "tea.txt", b"abc")
    held = hold(chat, gulnara, client_id=client_id, attachments=[file["id"]])
    if is_rejected:
        services.reject_held(**one(chat, ada, held))
    services.drop_held(chat_id=chat.id, user_id=gulnara.id, held_id=held["id"])
    told.items.clear()

    with pytest.raises(NotApproved):
        sent_or_held(chat, gulnara, LINK, client_id)

    assert told.items == []
    services.erase_dropped_files()
    assert not Attachment.objects.exists()


def test_what_was_approved_meanwhile_is_not_taken_back(
    chat: Chat, ada: User, gulnara: User, monkeypatch: pytest.MonkeyPatch, told: Told
):
    held = hold(chat, gulnara)
    seen = HeldMessage.objects.get()
    services.approve_held(**one(chat, ada, held))
    told.items.clear()
    monkeypatch.setattr(services.holding, "found", lambda *args, **which: seen)  # it waited when this one looked

    with pytest.raises(HeldNotFound):
        services.drop_held(chat_id=chat.id, user_id=gulnara.id, held_id=held["id"])

    assert told.items == []
    assert HeldMessage.objects.get().state == "approved"


def test_who_has_gone_says_nothing_any_more(chat: Chat, ada: User, gulnara: User, told: Told):
    hold(chat, gulnara)
    told.items.clear()

    services.remove_member(chat_id=chat.id, actor_id=ada.id, user_id=gulnara.id)

    assert not HeldMessage.objects.exists()
    assert [item["held"]["state"] for item in told.to(user_group(ada.id)) if "held" in item] == ["withdrawn"]


def test_who_was_removed_meanwhile_gets_nothing_in(chat: Chat, ada: User, gulnara: User):
    held = hold(chat, gulnara)
    Membership.objects.filter(chat=chat, user=gulnara).update(state="removed")

    with pytest.raises(NotAMember):
        services.approve_held(**one(chat, ada, held))

    assert HeldMessage.objects.get().state == "waiting"


def test_a_guest_who_signs_in_brings_what_waits_along(chat: Chat, ada: User, gulnara: User):
    account = member("gul")
    file = send_up(chat, gulnara, "tea.txt", b"abc")
    held = hold(chat, gulnara, "look", attachments=[file["id"]])

    services.merge_memberships(from_user=gulnara.id, to_user=account.id)

    assert services.approve_held(**one(chat, ada, held))["sender"]["id"] == str(account.id)


def test_a_guest_brings_nothing_that_waits_to_an_account_that_was_put_out(chat: Chat, ada: User, gulnara: User):
    account = member("gul")
    services.enrol(chat_id=chat.id, user_id=account.id)
    services.remove_member(chat_id=chat.id, actor_id=ada.id, user_id=account.id)
    hold(chat, gulnara)

    services.merge_memberships(from_user=gulnara.id, to_user=account.id)

    assert not HeldMessage.objects.exists()


def test_what_nobody_decides_on_ends_and_what_was_decided_is_forgotten(
    chat: Chat, ada: User, gulnara: User, told: Told
):
    old, decided, young = (hold(chat, gulnara) for _ in range(3))
    services.reject_held(**one(chat, ada, decided))
    long_ago = timezone.now() - timedelta(days=8)
    HeldMessage.objects.filter(id=old["id"]).update(held_at=long_ago)
    HeldMessage.objects.filter(id=decided["id"]).update(decided_at=long_ago)
    told.items.clear()

    services.forget_held_messages()

    states = {held.id: held.state for held in HeldMessage.objects.all()}
    assert states == {old["id"]: "expired", young["id"]: "waiting"}
    assert [item["held"]["state"] for item in told.to(user_group(gulnara.id))] == ["expired"]


def test_what_is_held_goes_with_a_temporary_chat_and_with_its_author(chat: Chat, ada: User, gulnara: User):
    brief = services.create_chat(creator_id=ada.id, kind="temporary")
    services.enrol(chat_id=brief.id, user_id=gulnara.id)
    services.change_chat(chat_id=brief.id, actor_id=ada.id, facts={"guest_links": "held"})
    hold(brief, gulnara)
    hold(chat, gulnara)

    Chat.objects.filter(id=brief.id).update(expires_at=timezone.now() - timedelta(seconds=1))
    services.erase_expired_chats()
    assert [held.chat_id for held in HeldMessage.objects.all()] == [chat.id]

    services.leave_chats(user_id=gulnara.id)
    assert not HeldMessage.objects.exists()


KEYS = {
    *("id", "chat", "client_id", "sender", "body", "reply_to", "thread", "attachments", "why", "state"),
    *("held_at", "decided_at"),
}


def test_by_the_api_it_is_202_and_the_owner_approves(chat: Chat, ada: User, gulnara: User):
    path = f"/api/chats/{chat.id}"
    answer = Api(gulnara)("POST", f"{path}/messages", {"client_id": str(uuid4()), "body": LINK})

    assert answer.status_code == 202
    assert answer.json().keys() == KEYS
    [waiting] = Api(ada)("GET", f"{path}/held").json()["items"]
    assert waiting == answer.json()
    assert Api(gulnara)("GET", f"{path}/held/own").json()["items"] == [waiting]
    approved = Api(ada)("POST", f"{path}/held/{waiting['id']}/approve", {})
    assert (approved.status_code, approved.json()["body"]) == (200, LINK)
    assert Api(ada)("POST", f"{path}/held/{waiting['id']}/reject", {}).status_code == 409


def test_what_is_sent_later_waits_then(chat: Chat, ada: User, gulnara: User):
    send_at = timezone.now() + timedelta(hours=1)
    made, _ = services.schedule_message(
        chat_id=chat.id, sender_id=gulnara.id, client_id=uuid4(), body=LINK, send_at=send_at
    )

    now = {"scheduled_id": UUID(made["id"]), "chat_id": chat.id, "user_id": gulnara.id}
    assert isinstance(services.send_scheduled_now(**now), services.Held)

    assert selectors.scheduled_messages(user_id=gulnara.id) == []
    assert [item["body"] for item in selectors.held_in_chat(chat_id=chat.id, user_id=ada.id)["items"]] == [LINK]
