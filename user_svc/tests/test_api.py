"""/api/users/: one's own profile, other people's cards, search, presence."""

from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from abdre.tests.signing import bearer
from abdre.wire import utc
from user_svc import presence
from user_svc.models import User


def get(path: str, user: User | None):
    return Client().get(path, headers=bearer(user.id) if user else {})


def test_me_is_my_profile(ada: User):
    me = get("/api/users/me", ada).json()

    assert me.keys() == {
        *("id", "display_name", "is_guest", "picture", "username", "email", "is_staff", "date_joined"),
        *("about", "status", "preferences", "blocked", "notices"),
    }
    assert (me["username"], me["email"]) == ("ada", "ada@example.org")


def test_a_name_is_changed_and_kept_as_typed(ada: User):
    answer = Client().patch(
        "/api/users/me", {"display_name": "Ада <b>"}, content_type="application/json", headers=bearer(ada.id)
    )

    assert answer.json()["display_name"] == "Ада <b>"


def test_nobody_makes_themselves_staff_or_lets_themselves_write(ada: User):
    wish = {
        "is_staff": True,
        "is_superuser": True,
        "groups": [1],
        "silenced_until": None,
    }
    User.objects.filter(id=ada.id).update(silenced_until=timezone.now())

    Client().patch("/api/users/me", wish, content_type="application/json", headers=bearer(ada.id))

    ada.refresh_from_db()
    assert (ada.is_staff, ada.is_superuser, ada.groups.count()) == (False, False, 0)
    assert ada.silenced_until


def test_a_card_never_holds_the_address(ada: User, bob: User):
    assert get(f"/api/users/{ada.id}", bob).json() == {
        "id": str(ada.id),
        "display_name": "Ada",
        "is_guest": False,
        "picture": None,
        "username": "ada",
        "about": "",
        "status": None,
        "date_joined": utc(ada.date_joined),
        "time_zone": None,
        "is_blocked": False,
    }


def test_a_guest_nobody_shares_a_chat_with_is_not_there(bob: User, guest: User):
    strange = get(f"/api/users/{guest.id}", bob)
    unknown = get(f"/api/users/{uuid4()}", bob)

    assert (strange.status_code, unknown.status_code) == (404, 404)
    assert strange.content == unknown.content


def test_a_guest_sees_no_card_of_a_member_without_a_shared_chat(ada: User, guest: User):
    assert get(f"/api/users/{ada.id}", guest).status_code == 404


def test_members_find_members_and_never_guests_or_addresses(ada: User, bob: User, guest: User):
    def found(query: str) -> list[str]:
        return [item["display_name"] for item in get(f"/api/users?q={query}", bob).json()["items"]]

    assert found("ada") == ["Ada"]
    assert found("gulnara") == []
    assert found("example.org") == []


@pytest.mark.parametrize("query", ["", "ad", "a%00a"])
def test_a_search_too_short_is_refused(bob: User, query: str):
    assert get(f"/api/users?q={query}", bob).status_code == 422


def test_a_guest_searches_nobody(ada: User, guest: User):
    assert get("/api/users?q=ada", guest).status_code == 403


def test_presence_leaves_out_who_shares_no_chat(ada: User, bob: User):
    presence.arrive([ada.id, bob.id], held=[], holder="realtime")

    answer = get(f"/api/users/presence?ids={ada.id},{bob.id},{uuid4()}", ada).json()

    assert answer == {str(ada.id): {"online": True, "last_seen": None}}


def test_presence_of_too_many_or_of_nonsense_is_refused(ada: User):
    many = ",".join(str(uuid4()) for _ in range(101))

    assert get(f"/api/users/presence?ids={many}", ada).status_code == 422
    assert get("/api/users/presence?ids=nonsense", ada).status_code == 422


def test_nobody_is_401_everywhere(ada: User):
    for path in ("/api/users/me", f"/api/users/{ada.id}", "/api/users?q=ada", "/api/users/presence?ids="):
        assert get(path, None).status_code == 401


def test_readyz_says_what_the_role_has(ada: User):
    checks = Client().get("/readyz").json()["checks"]

    assert checks["database"] == checks["migrations"] == "ok"
    assert ("redis" in checks) == bool(settings.REDIS_URL)
