"""Codes with a host at the door: who knocks waits, hosts are told and answer, and what ends the waiting."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.db.models import F

from abdre import jobs
from abdre.wire import utc
from auth_svc.models import InvitationUse, Knock, Session
from auth_svc.services import delete_turned_away_guests, end_long_knocks, expire_invitations
from auth_svc.tests.invitations.codes import (
    INVITATIONS,
    PRESS,
    Code,
    Told,
    accept,
    events_for,
    invite,
    let_expire,
    let_two_minutes_pass,
    path_of,
    preview,
    row,
    types,
)
from auth_svc.tests.people import Visitor, assert_refused
from chat_svc.selectors import active_members
from chat_svc.services import change_role, close_chat, create_chat, leave_chat, remove_member
from user_svc.services import ban

KNOCKS = "/api/auth/knocks"


@pytest.fixture
def door(ada: Visitor, chat: UUID) -> Code:
    """A code of ada's into the chat, by which she lets people in herself."""
    return invite(ada, chat, approval=True, max_uses=2)


def knock(who: Visitor, code: Code, name: str = "Гость", **headers: str) -> dict:
    """They wait; who was nobody is a guest from then on."""
    answer = accept(who, code, name, **headers)
    assert answer.status_code == 202, answer.content
    body = answer.json()
    if "tokens" in body:
        who.token = body["tokens"]["access_token"]
    who.id = UUID(body["user"]["id"])
    return body


def answer(host: Visitor, code: Code, deed: str, who: Visitor):
    return host.post(path_of(code, f"/{deed}"), {"user": str(who.id)})


def standing(who: Visitor, code: Code) -> dict:
    return who.get(path_of(code, "/knock")).json()


def is_in(who: Visitor, code: Code) -> bool:
    chat = UUID(code["chat"])
    return who.id in active_members([chat])[chat]


def ended(who: Visitor, told: Told) -> list[str]:
    """By which word the person's knocks ended, as they heard it."""
    return [event["state"] for group, event in told if group == f"user.{who.id}" and event["type"] == "knock.ended"]


class TestKnocking:
    def test_a_newcomer_is_signed_in_and_waits_outside(self, somebody: Visitor, door: Code):
        body = knock(somebody, door, "Айгүл")

        assert set(body) == {"state", "invitation", "user", "tokens"}
        assert (body["state"], body["invitation"]) == ("waiting", door["id"])
        assert somebody.is_signed_in()
        assert not is_in(somebody, door)
        assert (row(door).uses, InvitationUse.objects.count()) == (0, 0)
        assert standing(somebody, door) == {
            "invitation": door["id"],
            "state": "waiting",
            "code": "active",
            "expires_at": door["expires_at"],
            "inviter": {"display_name": "ada", "is_guest": False},
            "title": "Café",
        }

    def test_a_member_waits_as_who_they_are(self, eve: Visitor, door: Code):
        body = knock(eve, door)

        assert set(body) == {"state", "invitation", "user"}
        assert body["user"]["display_name"] == "eve"
        assert preview(eve, door)["knock"] == door["id"]

    def test_host_and_managers_hear_at_once_and_members_do_not(
        self, ada: Visitor, bob: Visitor, eve: Visitor, visitor, chat: UUID, door: Code, told: Told
    ):
        carol = visitor()
        carol.signed_in_by(carol.register("carol"))
        accept(carol, invite(ada, chat))
        change_role(chat_id=chat, actor_id=ada.id, user_id=carol.id, role="admin")
        told.clear()

        knock(eve, door)

        (event,) = events_for(ada, told)
        assert event == {
            "type": "invitation.waiting",
            "invitation": door["id"],
            "chat": str(chat),
            "status": "created",
            "uses": 0,
            "max_uses": 2,
            "user": {"id": str(eve.id), "display_name": "eve", "is_guest": False, "picture": None},
            "title": "Café",
            "label": "",
        }
        assert events_for(carol, told) == [event]
        assert events_for(bob, told) == []

    def test_again_is_the_same_knock_and_no_news(self, ada: Visitor, somebody: Visitor, door: Code, told: Told):
        first = knock(somebody, door, Idempotency_Key=PRESS)
        somebody.token = ""
        again = knock(somebody, door, Idempotency_Key=PRESS)
        knock(somebody, door)

        assert again["user"] == first["user"]
        assert types(events_for(ada, told)) == ["waiting"]
        assert get_user_model().objects.filter(is_guest=True).count() == 1

    def test_who_goes_and_comes_again_and_again_is_told_of_so_often_and_no_more(
        self, ada: Visitor, eve: Visitor, bob: Visitor, chat: UUID, door: Code, told: Told
    ):
        for _ in range(5):
            knock(eve, door)
            assert eve.delete(path_of(door, "/knock")).status_code == 204
        told.clear()

        assert_refused(accept(eve, door), 429, "too_many")

        assert told == []
        knock(eve, invite(ada, chat, approval=True))  # another code is another door
        remove_member(chat_id=chat, actor_id=ada.id, user_id=bob.id)
        knock(bob, door)

    def test_a_key_that_is_found_later_signs_nobody_in(self, somebody: Visitor, visitor, door: Code):
        first = knock(somebody, door, Idempotency_Key=PRESS)
        Knock.objects.update(knocked_at=F("knocked_at") - timedelta(seconds=121))

        assert knock(visitor(), door, "Tom", Idempotency_Key=PRESS)["user"]["id"] != first["user"]["id"]

    def test_who_is_in_already_knocks_at_nothing(self, bob: Visitor, door: Code):
        assert accept(bob, door).status_code == 200
        assert not Knock.objects.exists()

    def test_what_keeps_people_out_keeps_them_from_knocking(
        self, ada: Visitor, bob: Visitor, somebody: Visitor, eve: Visitor, chat: UUID, told: Told
    ):
        door = invite(ada, chat, approval=True, guests=False)
        assert_refused(accept(ada, door), 409, "own_invitation")
        assert_refused(accept(somebody, door), 403, "account_required")
        ban(user_id=eve.id)
        assert_refused(accept(eve, door), 403, "banned")
        let_expire(door)
        told.clear()
        assert_refused(accept(somebody, door), 410, "invitation_expired")

        assert not Knock.objects.exists()
        assert told == []

    def test_a_hosts_door_is_not_flooded(self, visitor, door: Code, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("auth_svc.services.knocks.WAITING_LIMIT", 1)
        knock(visitor(), door)

        assert_refused(accept(visitor(), door), 409, "waiting_room_full")
        assert get_user_model().objects.filter(is_guest=True).count() == 1


def test_the_end_of_a_temporary_chat_is_the_end_of_the_waiting(ada: Visitor, somebody: Visitor):
    chat = create_chat(creator_id=ada.id, kind="temporary", title="Picnic", ttl_s=600)
    door = invite(ada, chat.id, approval=True, ttl_s=3600)
    knock(somebody, door)

    assert standing(somebody, door)["expires_at"] == utc(chat.expires_at)


class TestLettingIn:
    def test_they_are_in_and_a_use_is_gone_and_everybody_hears(
        self, ada: Visitor, somebody: Visitor, door: Code, told: Told
    ):
        knock(somebody, door)
        told.clear()

        assert answer(ada, door, "approve", somebody).status_code == 204

        assert is_in(somebody, door)
        assert row(door).uses == 1
        assert types(events_for(ada, told)) == ["joined"]
        assert ended(ada, told) == ended(somebody, told) == ["approved"]
        assert "chat.created" in [event["type"] for group, event in told if group == f"user.{somebody.id}"]
        assert standing(somebody, door)["chat"] == door["chat"]
        assert preview(somebody, door)["already_member"] == door["chat"]
        assert [use["user"]["id"] for use in ada.get(path_of(door)).json()["people"]] == [str(somebody.id)]

    def test_again_is_no_harm(self, ada: Visitor, somebody: Visitor, door: Code, told: Told):
        knock(somebody, door)

        assert [answer(ada, door, "approve", somebody).status_code for _ in range(2)] == [204, 204]

        assert row(door).uses == 1
        assert types(events_for(ada, told)) == ["waiting", "joined"]

    def test_a_manager_answers_for_the_host(self, ada: Visitor, bob: Visitor, somebody: Visitor, chat: UUID):
        door = invite(bob, chat, approval=True)
        knock(somebody, door)

        assert answer(ada, door, "approve", somebody).status_code == 204
        assert is_in(somebody, door)

    def test_a_member_answers_at_the_own_code(self, bob: Visitor, somebody: Visitor, chat: UUID):
        door = invite(bob, chat, approval=True)
        knock(somebody, door)

        assert answer(bob, door, "approve", somebody).status_code == 204

    @pytest.mark.parametrize("deed", ["approve", "refuse"])
    def test_strangers_members_and_who_waits_answer_nothing_and_nobody_hears(
        self, bob: Visitor, eve: Visitor, somebody: Visitor, visitor, door: Code, told: Told, deed: str
    ):
        knock(somebody, door)
        told.clear()

        for who in (eve, bob, somebody):
            assert_refused(answer(who, door, deed, somebody), 404, "invitation_unknown")
        assert_refused(answer(visitor(), door, deed, somebody), 401, "not_signed_in")

        assert told == []
        assert standing(somebody, door)["state"] == "waiting"

    @pytest.mark.parametrize("deed", ["approve", "refuse"])
    def test_a_host_who_was_removed_answers_no_more(
        self, ada: Visitor, bob: Visitor, somebody: Visitor, chat: UUID, told: Told, deed: str
    ):
        door = invite(bob, chat, approval=True)
        knock(somebody, door)
        remove_member(chat_id=chat, actor_id=ada.id, user_id=bob.id)
        told.clear()

        assert_refused(answer(bob, door, deed, somebody), 404, "invitation_unknown")
        assert told == []
        assert bob.get(KNOCKS).json()["items"] == []

    @pytest.mark.parametrize("deed", ["approve", "refuse"])
    def test_of_somebody_who_did_not_knock_there_is_nothing_to_answer(
        self, ada: Visitor, eve: Visitor, door: Code, deed: str
    ):
        assert_refused(answer(ada, door, deed, eve), 404, "knock_unknown")
        assert ada.post(path_of(door, f"/{deed}"), {"user": "nobody"}).status_code == 422

    def test_after_the_last_use_the_others_wait_no_more(self, ada: Visitor, visitor, chat: UUID, told: Told):
        door = invite(ada, chat, approval=True, max_uses=1)
        first, second = visitor(), visitor()
        knock(first, door)
        knock(second, door)

        assert answer(ada, door, "approve", first).status_code == 204

        assert (ended(first, told), ended(second, told)) == (["approved"], ["ended"])
        assert standing(second, door)["state"] == "ended"
        assert standing(second, door)["code"] == "used_up"
        assert_refused(answer(ada, door, "approve", second), 404, "knock_unknown")

    def test_who_left_and_comes_again_knocks_again(self, ada: Visitor, eve: Visitor, chat: UUID, door: Code):
        knock(eve, door)
        answer(ada, door, "approve", eve)
        leave_chat(chat_id=chat, user_id=eve.id)
        assert standing(eve, door)["state"] == "ended"

        knock(eve, door)

        assert standing(eve, door)["state"] == "waiting"


class TestRefusing:
    def test_they_stay_outside_and_the_code_has_all_its_uses(
        self, ada: Visitor, somebody: Visitor, door: Code, told: Told
    ):
        knock(somebody, door)
        told.clear()

        assert [answer(ada, door, "refuse", somebody).status_code for _ in range(2)] == [204, 204]

        assert not is_in(somebody, door)
        assert row(door).uses == 0
        assert ended(ada, told) == ended(somebody, told) == ["refused"]
        assert standing(somebody, door)["state"] == "refused"
        assert_refused(accept(somebody, door), 403, "knock_refused")

    def test_a_host_may_think_better_of_it(self, ada: Visitor, somebody: Visitor, door: Code):
        knock(somebody, door)
        answer(ada, door, "refuse", somebody)

        assert answer(ada, door, "approve", somebody).status_code == 204

        assert is_in(somebody, door)
        assert_refused(answer(ada, door, "refuse", somebody), 409, "already_in")


class TestTheEndOfWaiting:
    def test_who_goes_is_told_of_and_cannot_be_let_in(self, ada: Visitor, somebody: Visitor, door: Code, told: Told):
        knock(somebody, door)

        assert [somebody.delete(path_of(door, "/knock")).status_code for _ in range(2)] == [204, 204]

        assert ended(ada, told) == ["ended"]
        assert_refused(answer(ada, door, "approve", somebody), 404, "knock_unknown")
        knock(somebody, door)

    def test_another_persons_knock_is_not_there(self, eve: Visitor, somebody: Visitor, door: Code, told: Told):
        knock(somebody, door)
        told.clear()

        assert_refused(eve.get(path_of(door, "/knock")), 404, "knock_unknown")
        assert_refused(eve.delete(path_of(door, "/knock")), 404, "knock_unknown")
        assert told == []

    def test_a_revoked_code_is_no_door(self, ada: Visitor, somebody: Visitor, door: Code, told: Told):
        knock(somebody, door)

        ada.delete(path_of(door))

        assert ended(somebody, told) == ["ended"]
        assert standing(somebody, door)["code"] == "revoked"
        assert_refused(answer(ada, door, "approve", somebody), 404, "knock_unknown")

    def test_an_expired_code_is_none_also_before_the_clock_says_so(
        self, ada: Visitor, somebody: Visitor, door: Code, told: Told, django_capture_on_commit_callbacks
    ):
        knock(somebody, door)
        let_expire(door)
        assert standing(somebody, door)["state"] == "ended"
        assert_refused(answer(ada, door, "approve", somebody), 410, "invitation_expired")
        assert standing(somebody, door)["state"] == "ended"

        with django_capture_on_commit_callbacks(execute=True):
            expire_invitations()

        assert ended(somebody, told) == ["ended"]
        assert not is_in(somebody, door)

    def test_a_chat_that_is_over_lets_nobody_in(self, ada: Visitor, somebody: Visitor, chat: UUID, door: Code):
        knock(somebody, door)
        close_chat(chat_id=chat, actor_id=ada.id)

        assert standing(somebody, door)["code"] == "chat_over"
        assert_refused(answer(ada, door, "approve", somebody), 410, "chat_over")

    def test_nobody_stands_there_for_longer_than_a_day(
        self, somebody: Visitor, door: Code, told: Told, django_capture_on_commit_callbacks
    ):
        knock(somebody, door)
        with django_capture_on_commit_callbacks(execute=True):
            end_long_knocks()
        assert standing(somebody, door)["state"] == "waiting"
        Knock.objects.update(knocked_at=F("knocked_at") - timedelta(hours=24))

        with django_capture_on_commit_callbacks(execute=True):
            end_long_knocks()

        assert ended(somebody, told) == ["ended"]

    def test_a_guest_who_was_not_let_in_is_forgotten_a_day_later_and_others_are_not(
        self, ada: Visitor, visitor, chat: UUID
    ):
        door = invite(ada, chat, approval=True, max_uses=None)
        refused, let_in, elsewhere, waiting = (visitor() for _ in range(4))
        for who in (refused, let_in, elsewhere, waiting):
            knock(who, door)
        answer(ada, door, "refuse", refused)
        answer(ada, door, "refuse", elsewhere)
        answer(ada, door, "approve", let_in)
        accept(elsewhere, invite(ada, chat))

        delete_turned_away_guests()
        assert get_user_model().objects.filter(deletion_begun_at__isnull=False).count() == 0
        Knock.objects.filter(decided_at__isnull=False).update(decided_at=F("decided_at") - timedelta(days=1))
        delete_turned_away_guests()
        jobs.do_all()

        gone = get_user_model().objects.filter(deleted_at__isnull=False)
        assert set(gone.values_list("id", flat=True)) == {refused.id}
        assert not Session.objects.of(refused.id).alive().exists()
        assert not Knock.objects.filter(user_id=refused.id).exists()
        assert waiting.is_signed_in()


class TestSeeingWhoWaits:
    def test_the_host_sees_them_on_the_code_and_in_one_list_of_all(
        self, ada: Visitor, somebody: Visitor, eve: Visitor, chat: UUID, door: Code
    ):
        knock(somebody, door, "Айгүл")
        knock(eve, door)

        shown = ada.get(path_of(door)).json()
        items = ada.get(KNOCKS).json()["items"]

        assert [set(waiting) for waiting in shown["knocks"]] == [{"user", "knocked_at"}] * 2
        assert shown["waiting"] == 2
        assert ada.get(f"{INVITATIONS}?chat={chat}").json()["items"][0]["waiting"] == 2
        assert [item["user"]["display_name"] for item in items] == ["Айгүл", "eve"]
        assert set(items[0]) == {"invitation", "chat", "title", "label", "user", "knocked_at"}
        assert ada.get(f"{KNOCKS}?chat={chat}").json()["items"] == items

    def test_managers_see_them_members_and_strangers_do_not(
        self, ada: Visitor, bob: Visitor, eve: Visitor, somebody: Visitor, chat: UUID
    ):
        door = invite(bob, chat, approval=True)
        knock(somebody, door)
        elsewhere = create_chat(creator_id=eve.id, kind="group", title="Elsewhere")

        assert len(ada.get(KNOCKS).json()["items"]) == len(bob.get(KNOCKS).json()["items"]) == 1
        assert eve.get(KNOCKS).json()["items"] == eve.get(f"{KNOCKS}?chat={chat}").json()["items"] == []
        assert ada.get(f"{KNOCKS}?chat={elsewhere.id}").json()["items"] == []

    def test_whose_code_is_dead_is_not_waited_at(self, ada: Visitor, somebody: Visitor, door: Code):
        knock(somebody, door)
        let_expire(door)

        assert ada.get(KNOCKS).json()["items"] == []

    def test_a_code_that_dies_costs_the_same_however_many_wait(
        self, ada: Visitor, chat: UUID, visitor, count_queries: Callable[[Callable[[], object]], int]
    ):
        def cost(waiting: int) -> int:
            door = invite(ada, chat, approval=True)
            for number in range(waiting):
                knock(visitor(), door, f"Guest {waiting}.{number}")
            return count_queries(lambda: ada.delete(path_of(door)))

        assert cost(1) == cost(4)


def test_a_guest_who_signs_in_goes_on_waiting_as_the_account(ada: Visitor, guest: Visitor, eve: Visitor, door: Code):
    knock(guest, door)

    assert guest.login("eve").status_code == 200

    assert standing(eve, door)["state"] == "waiting"
    assert answer(ada, door, "approve", eve).status_code == 204
    assert is_in(eve, door)


def test_a_repeat_after_being_let_in_finds_the_membership(ada: Visitor, somebody: Visitor, door: Code):
    knock(somebody, door, Idempotency_Key=PRESS)
    answer(ada, door, "approve", somebody)
    somebody.token = ""

    again = accept(somebody, door, Idempotency_Key=PRESS)

    assert again.status_code == 200
    assert again.json()["user"]["id"] == str(somebody.id)
    let_two_minutes_pass()
