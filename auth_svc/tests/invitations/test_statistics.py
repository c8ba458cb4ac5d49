"""What a host learns of a code: opened, joined, declined, waiting, when first and last."""

from uuid import UUID

from auth_svc.tests.invitations.codes import INVITATIONS, accept, invite, path_of
from auth_svc.tests.people import Visitor


def test_every_step_is_counted(ada: Visitor, bob: Visitor, visitor, chat: UUID):
    code = invite(ada, chat, max_uses=None)
    for _ in range(3):
        visitor().post(f"{INVITATIONS}/opened", {"token": code["token"]})
    bob.post(f"{INVITATIONS}/opened", {"token": code["token"]})  # who is in already is no news
    visitor().post(f"{INVITATIONS}/decline", {"token": code["token"]})
    for name in ("Tom", "Kim"):
        accept(visitor(), code, name)

    shown = ada.get(path_of(code)).json()

    assert (shown["opens"], shown["declined"], shown["uses"], shown["waiting"]) == (3, 1, 2, 0)
    assert shown["first_joined_at"] == shown["people"][0]["joined_at"] < shown["last_joined_at"]
    assert shown["last_joined_at"] == shown["people"][1]["joined_at"]
    (listed,) = ada.get(f"{INVITATIONS}?chat={chat}").json()["items"]
    assert {name: listed[name] for name in ("opens", "declined", "uses", "waiting")} == {
        "opens": 3,
        "declined": 1,
        "uses": 2,
        "waiting": 0,
    }


def test_of_a_code_nobody_used_there_is_no_first_and_last(ada: Visitor, chat: UUID):
    shown = ada.get(path_of(invite(ada, chat))).json()

    assert (shown["first_joined_at"], shown["last_joined_at"], shown["opens"]) == (None, None, 0)


def test_others_learn_nothing(bob: Visitor, eve: Visitor, ada: Visitor, chat: UUID):
    code = invite(ada, chat)

    for who in (bob, eve):
        assert who.get(path_of(code)).status_code == 404
        assert who.get(f"{INVITATIONS}?chat={chat}").json() == {"items": []}
