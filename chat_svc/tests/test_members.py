"""Who comes in, who goes, who may decide it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from abdre.events import chat_group, user_group
from chat_svc import selectors, services
from chat_svc.errors import Banned, ChatFull, ChatNotFound, ChatOver, LastOwner, MemberNotFound, NotAllowed
from chat_svc.models import Chat, Membership
from chat_svc.tests.conftest import Told, member, say
from user_svc.errors import InvalidName
from user_svc.services import rename

if TYPE_CHECKING:
    from user_svc.models import User


def states(chat: Chat) -> dict[str, str]:
    return dict(Membership.objects.filter(chat=chat).values_list("user__display_name", "state"))


def test_a_guest_who_enrols_gets_the_guests_role_and_is_announced(chat: Chat, guest: User, told: Told):
    membership, created = services.enrol(chat_id=chat.id, user_id=guest.id)

    assert (membership.role, created) == ("guest", True)
    assert told.types_to(chat_group(chat.id)) == ["membership.changed"]
    assert told.types_to(user_group(guest.id)) == ["chat.created"]


def test_enrolling_twice_is_one_membership_and_one_announcement(chat: Chat, guest: User, told: Told):
    services.enrol(chat_id=chat.id, user_id=guest.id)
    again, created = services.enrol(chat_id=chat.id, user_id=guest.id)

    assert (again.state, created) == ("active", False)
    assert told.types_to(chat_group(chat.id)) == ["membership.changed"]


def test_newcomers_are_not_greeted_by_old_unread_messages(chat: Chat, ada: User, guest: User):
    say(chat, ada)
    services.enrol(chat_id=chat.id, user_id=guest.id)

    assert selectors.chat_detail(chat_id=chat.id, user_id=guest.id)["unread"] == 0


def test_a_full_chat_takes_nobody(chat: Chat, guest: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("chat_svc.services.members.MEMBERS_LIMIT", 2)

    with pytest.raises(ChatFull):
        services.enrol(chat_id=chat.id, user_id=guest.id)


def test_a_closed_chat_takes_nobody(chat: Chat, ada: User, guest: User):
    services.close_chat(chat_id=chat.id, actor_id=ada.id)

    with pytest.raises(ChatOver):
        services.enrol(chat_id=chat.id, user_id=guest.id)


def test_the_owner_removes_a_member_who_may_come_back_by_a_code(chat: Chat, ada: User, bob: User, told: Told):
    services.remove_member(chat_id=chat.id, actor_id=ada.id, user_id=bob.id)

    assert states(chat)["Bob"] == "removed"
    assert told.to(user_group(bob.id)) == [{"type": "chat.removed", "chat": str(chat.id), "reason": "removed"}]
    assert services.enrol(chat_id=chat.id, user_id=bob.id)[1] is True


def test_who_is_banned_does_not_come_back(chat: Chat, ada: User, bob: User):
    services.remove_member(chat_id=chat.id, actor_id=ada.id, user_id=bob.id, ban=True)

    with pytest.raises(Banned):
        services.enrol(chat_id=chat.id, user_id=bob.id)


def test_neither_members_nor_guests_nor_strangers_remove_and_nobody_is_told(
    chat: Chat, ada: User, bob: User, eve: User, guest: User, told: Told
):
    services.enrol(chat_id=chat.id, user_id=guest.id)
    told.items.clear()

    for actor, target, refusal in [
        (bob, ada, NotAllowed),
        (bob, guest, NotAllowed),
        (guest, bob, NotAllowed),
        (eve, bob, ChatNotFound),
    ]:
        with pytest.raises(refusal):
            services.remove_member(chat_id=chat.id, actor_id=actor.id, user_id=target.id)

    assert set(states(chat).values()) == {"active"}
    assert told.items == []


def test_an_admin_removes_members_but_no_owner(chat: Chat, ada: User, bob: User, guest: User):
    services.enrol(chat_id=chat.id, user_id=guest.id)
    services.change_role(chat_id=chat.id, actor_id=ada.id, user_id=bob.id, role="admin")

    services.remove_member(chat_id=chat.id, actor_id=bob.id, user_id=guest.id)

    with pytest.raises(NotAllowed):
        services.remove_member(chat_id=chat.id, actor_id=bob.id, user_id=ada.id)


def test_removing_somebody_who_is_not_there_says_so(chat: Chat, ada: User, eve: User):
    with pytest.raises(MemberNotFound):
        services.remove_member(chat_id=chat.id, actor_id=ada.id, user_id=eve.id)


def test_a_member_leaves_and_sees_the_chat_no_more(chat: Chat, bob: User, told: Told):
    services.leave_chat(chat_id=chat.id, user_id=bob.id)

    assert selectors.chat_list(user_id=bob.id)["items"] == []
    assert told.types_to(chat_group(chat.id)) == ["membership.changed"]


def test_the_last_owner_makes_another_owner_before_leaving(chat: Chat, ada: User, bob: User):
    with pytest.raises(LastOwner):
        services.leave_chat(chat_id=chat.id, user_id=ada.id)

    services.change_role(chat_id=chat.id, actor_id=ada.id, user_id=bob.id, role="owner")
    services.leave_chat(chat_id=chat.id, user_id=ada.id)

    assert states(chat) == {"Ada": "left", "Bob": "active"}


def test_the_last_one_to_leave_closes_the_chat(chat: Chat, ada: User, bob: User):
    services.leave_chat(chat_id=chat.id, user_id=bob.id)
    assert selectors.chat_detail(chat_id=chat.id, user_id=ada.id)["closed_at"] is None

    services.leave_chat(chat_id=chat.id, user_id=ada.id)

    assert Chat.objects.get(id=chat.id).closed_at is not None


def test_the_only_owner_does_not_step_down(chat: Chat, ada: User):
    with pytest.raises(LastOwner):
        services.change_role(chat_id=chat.id, actor_id=ada.id, user_id=ada.id, role="member")


def test_only_the_owner_gives_roles_and_never_to_guests(chat: Chat, ada: User, bob: User, eve: User, guest: User):
    services.enrol(chat_id=chat.id, user_id=guest.id)

    with pytest.raises(NotAllowed):
        services.change_role(chat_id=chat.id, actor_id=bob.id, user_id=bob.id, role="owner")
    with pytest.raises(NotAllowed):
        services.change_role(chat_id=chat.id, actor_id=ada.id, user_id=guest.id, role="admin")
    with pytest.raises(ChatNotFound):
        services.change_role(chat_id=chat.id, actor_id=eve.id, user_id=bob.id, role="admin")


def test_evicting_takes_out_those_named_and_never_the_owner(chat: Chat, ada: User, bob: User, guest: User):
    services.enrol(chat_id=chat.id, user_id=guest.id)

    services.evict(chat_id=chat.id, actor_id=ada.id, user_ids=[ada.id, guest.id])

    assert states(chat) == {"Ada": "active", "Bob": "active", "Gulnara": "removed"}


def test_a_guest_who_signs_in_brings_the_chats_along(chat: Chat, guest: User):
    services.enrol(chat_id=chat.id, user_id=guest.id)
    say(chat, guest, "as a guest")
    account = member("gulnara")

    services.merge_memberships(from_user=guest.id, to_user=account.id)

    assert selectors.chat_detail(chat_id=chat.id, user_id=account.id)["role"] == "member"
    with pytest.raises(ChatNotFound):
        selectors.chat_detail(chat_id=chat.id, user_id=guest.id)


def test_a_host_who_signs_in_owns_the_chat_also_where_the_account_was_a_member(guest: User, told: Told):
    hosted = services.create_chat(creator_id=guest.id, kind="temporary")
    account = member("gulnara")
    services.enrol(chat_id=hosted.id, user_id=account.id)

    services.merge_memberships(from_user=guest.id, to_user=account.id)

    assert selectors.chat_detail(chat_id=hosted.id, user_id=account.id)["role"] == "owner"
    roles = [item["membership"]["role"] for item in told.to(chat_group(hosted.id)) if "membership" in item]
    assert "owner" in roles


def test_signing_in_lowers_nobody(chat: Chat, ada: User, guest: User):
    services.enrol(chat_id=chat.id, user_id=guest.id)

    services.merge_memberships(from_user=guest.id, to_user=ada.id)

    assert selectors.chat_detail(chat_id=chat.id, user_id=ada.id)["role"] == "owner"


@pytest.mark.parametrize("deed", ["merge", "promote"])
def test_a_chat_that_vanishes_meanwhile_does_not_stand_in_the_way_of_signing_in(
    chat: Chat, ada: User, bob: User, guest: User, monkeypatch: pytest.MonkeyPatch, deed: str
):
    other = services.create_chat(creator_id=guest.id, kind="temporary")
    services.enrol(chat_id=chat.id, user_id=guest.id)
    # As they were a moment ago: one was erased since, from another the guest was put out.
    found = sorted([uuid4(), chat.id, other.id])
    services.evict(chat_id=chat.id, actor_id=ada.id, user_ids=[guest.id])
    monkeypatch.setattr("chat_svc.services.merging.active_chats", lambda user_id: found)

    if deed == "merge":
        services.merge_memberships(from_user=guest.id, to_user=bob.id)
        assert selectors.chat_detail(chat_id=other.id, user_id=bob.id)["role"] == "owner"
    else:
        services.promote_memberships(user_id=guest.id)
        assert selectors.chat_detail(chat_id=other.id, user_id=guest.id)["role"] == "owner"


def test_signing_in_is_no_way_around_a_ban(chat: Chat, ada: User, bob: User, guest: User):
    services.remove_member(chat_id=chat.id, actor_id=ada.id, user_id=bob.id, ban=True)
    services.enrol(chat_id=chat.id, user_id=guest.id)

    services.merge_memberships(from_user=guest.id, to_user=bob.id)

    assert states(chat)["Bob"] == "banned"


def test_a_guest_who_becomes_a_member_is_a_member_everywhere(chat: Chat, guest: User, told: Told):
    services.enrol(chat_id=chat.id, user_id=guest.id)
    told.items.clear()

    services.promote_memberships(user_id=guest.id)

    assert selectors.chat_detail(chat_id=chat.id, user_id=guest.id)["role"] == "member"
    assert told.types_to(chat_group(chat.id)) == ["membership.changed"]


def test_guests_invite_only_where_they_host(chat: Chat, bob: User, eve: User, guest: User):
    services.enrol(chat_id=chat.id, user_id=guest.id)
    own = services.create_chat(creator_id=guest.id, kind="temporary")

    selectors.may_invite(chat_id=chat.id, user_id=bob.id)
    selectors.may_invite(chat_id=own.id, user_id=guest.id)
    with pytest.raises(NotAllowed):
        selectors.may_invite(chat_id=chat.id, user_id=guest.id)
    with pytest.raises(ChatNotFound):
        selectors.may_invite(chat_id=chat.id, user_id=eve.id)


@pytest.mark.parametrize(
    "name", ["Ada", " ADA ", "\uff21da", "A\u200dda", "Ada\ufe0f", "A\u034fda", "Ada\u180b", "\u3164Ada"]
)
def test_a_guest_cannot_take_the_look_of_a_members_name(chat: Chat, guest: User, name: str):
    rename(user_id=guest.id, display_name=name)
    services.enrol(chat_id=chat.id, user_id=guest.id)

    with pytest.raises(InvalidName):
        rename(user_id=guest.id, display_name=name)
    assert rename(user_id=guest.id, display_name="Ada's friend").display_name == "Ada's friend"


def test_members_may_share_a_name(chat: Chat, bob: User):
    assert rename(user_id=bob.id, display_name="Ada").display_name == "Ada"


def test_only_who_shares_a_chat_is_a_peer(chat: Chat, ada: User, bob: User, eve: User):
    assert selectors.peers_of(ada.id, [bob.id, eve.id]) == {bob.id}
    services.leave_chat(chat_id=chat.id, user_id=bob.id)
    assert selectors.peers_of(ada.id, [bob.id, eve.id]) == set()


def deeds_of(person: User, chat: Chat, other: User) -> list[Any]:
    here: dict[str, Any] = {"chat_id": chat.id}
    return [
        partial(services.leave_chat, **here, user_id=person.id),
        partial(services.remove_member, **here, actor_id=person.id, user_id=other.id),
        partial(services.change_role, **here, actor_id=person.id, user_id=other.id, role="admin"),
        partial(services.add_member, **here, actor_id=person.id, user_id=person.id),
        partial(services.change_chat, **here, actor_id=person.id, facts={"title": "Mine"}),
        partial(services.close_chat, **here, actor_id=person.id),
        partial(services.edit_message, **here, actor_id=person.id, seq=1, body="x"),
        partial(services.delete_message, **here, actor_id=person.id, seq=1),
    ]


@pytest.mark.postgres
def test_a_stranger_never_locks_a_chat(chat: Chat, bob: User, eve: User):
    for deed in deeds_of(eve, chat, bob):
        with CaptureQueriesContext(connection) as queries, pytest.raises(ChatNotFound):
            deed()

        assert not any("FOR UPDATE" in query["sql"] for query in queries), deed
