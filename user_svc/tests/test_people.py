"""Guests and members come into being, once, under names that say what they are."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from abdre.cache import CHANGED, own_card
from abdre.store import store
from user_svc import selectors, services
from user_svc.errors import EmailTaken, InvalidName, NotAGuest, UsernameTaken, UserNotFound, WeakPassword
from user_svc.models import User
from user_svc.tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def join(username: str = "ada", password: str | None = PASSWORD, **options: str) -> User:
    return services.create_member(username=username, password=password, **options)


def promote(guest: User, username: str) -> User:
    return services.save_member(services.prepare_member(guest_id=guest.id, username=username, password=PASSWORD))


def promote_to_ada(guest: User) -> User:
    return promote(guest, "ada")


def rename_to_gul(guest: User) -> User:
    return services.rename(user_id=guest.id, display_name="Gül")


def test_a_guest_has_a_name_and_no_way_to_sign_in_by_password():
    guest = services.create_guest(display_name=" Gulnara ")

    assert (guest.display_name, guest.is_guest, guest.username) == ("Gulnara", True, None)
    assert not guest.has_usable_password()


@pytest.mark.parametrize(
    "name",
    ["Қазақ Тілі", "مريم", "Zoë 👩‍👩‍👧", "🏴󠁧󠁢󠁳󠁣󠁴󠁿 Isla", "<script>alert(1)</script>", "O'Neil & Söhne", "ကျော်", "x" * 60],
)
def test_names_are_kept_as_typed(name: str):
    assert User.objects.get(id=services.create_guest(display_name=name).id).display_name == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "   ",
        "x" * 61,
        "nul\0",
        "line\nbreak",
        "\u202eada",
        "a\u2066b",
        "\u200d",
        "\ufeff",
        "\u3164",
        "\u2800 ",
        "\ufe0f\u034f",
    ],
)
def test_names_that_cannot_be_shown_are_refused(name: str):
    with pytest.raises(InvalidName):
        services.create_guest(display_name=name)


@pytest.mark.parametrize("again", ["ada", "ADA", "\uff21da"])
def test_a_user_name_is_taken_in_every_case_and_spelling(again: str):
    join("ada")

    with pytest.raises(UsernameTaken):
        join(again)


def test_a_user_name_is_taken_in_every_case_of_every_script():
    join("Айгүл")

    with pytest.raises(UsernameTaken):
        join("айГҮЛ")
    assert selectors.user_by_login("АЙГҮЛ") is not None


@pytest.mark.parametrize("username", ["ab", "x" * 31, "with space", "a@b.org", "", "semi;colon", "\ufdfa" * 8])
def test_user_names_of_other_shapes_are_refused(username: str):
    with pytest.raises(InvalidName):
        join(username)


@pytest.mark.parametrize("password", ["short", "password", "12345678901", "ada-ada-ada"])
def test_weak_passwords_are_refused_with_the_reason(password: str):
    with pytest.raises(WeakPassword) as refusal:
        join("ada-ada-ada", password)

    assert refusal.value.fields is not None
    assert refusal.value.fields["password"]


def test_an_address_belongs_to_one_account():
    join("ada", email="a@example.org")

    with pytest.raises(EmailTaken):
        join("bob", email="A@Example.org")


def test_a_member_is_found_by_name_and_by_address_and_a_guest_by_neither():
    ada = join("ada", email="a@example.org")
    services.create_guest(display_name="ada")

    assert selectors.user_by_login("Ada") == ada
    assert selectors.user_by_login("A@EXAMPLE.org") == ada
    assert selectors.user_by_login("nobody") is None


def test_a_guest_becomes_a_member_and_stays_who_they_are():
    guest = services.create_guest(display_name="Gulnara")

    promoted = promote(guest, "gulnara")

    assert (promoted.id, promoted.is_guest, promoted.display_name) == (guest.id, False, "Gulnara")
    assert selectors.user_by_login("Gulnara") == guest
    with pytest.raises(NotAGuest):
        promote(guest, "other")


def test_a_guest_who_becomes_a_member_twice_at_once_does_it_once():
    guest = services.create_guest(display_name="Gulnara")
    late = services.prepare_member(guest_id=guest.id, username="late", password=None)
    promote(guest, "first")

    with pytest.raises(NotAGuest):
        services.save_member(late)
    assert User.objects.get(id=guest.id).username == "first"


def test_a_failed_promotion_leaves_a_guest():
    join("taken")
    guest = services.create_guest(display_name="Gulnara")

    with pytest.raises(UsernameTaken):
        promote(guest, "taken")

    assert User.objects.get(id=guest.id).is_guest


def test_members_are_found_by_a_part_of_their_name_in_every_case_of_every_script():
    айгуль = join("aigul", display_name="Айгуль Ахметова")
    gulnara = services.create_guest(display_name="Айгуль")
    services.save_member(services.prepare_member(guest_id=gulnara.id, username="gulnara", password=None))

    assert selectors.search("айгуль АХМ", asked_by=uuid4()) == [айгуль]
    assert selectors.search("АЙГ", asked_by=uuid4()) == [айгуль, gulnara]
    services.rename(user_id=gulnara.id, display_name="Гульнара")
    assert selectors.search("айг", asked_by=uuid4()) == [айгуль]
    assert selectors.search("%", asked_by=uuid4()) == []


def test_guests_are_never_made_administrators():
    guest = services.create_guest(display_name="Gulnara")

    with pytest.raises(UserNotFound):
        services.make_administrator(user_id=guest.id)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(id=guest.id).update(is_staff=True)


def test_the_database_itself_refuses_a_member_without_a_user_name():
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(display_name="Nobody", is_guest=False)


def test_the_address_is_looked_up_by_its_index():
    join("ada", email="Ada@example.org")

    with CaptureQueriesContext(connection) as queries:
        assert selectors.people_with_email("ADA@example.org").exists()
        assert not selectors.people_with_email("bob@example.org").exists()

    assert all('LOWER("user_svc_user"."email")' in query["sql"] for query in queries)


@pytest.mark.parametrize("change", [rename_to_gul, promote_to_ada])
def test_what_pages_keep_of_somebody_is_forgotten_when_it_changes(change, django_capture_on_commit_callbacks):
    guest = services.create_guest(display_name="Gulnara")
    store.put(own_card(guest.id), "kept", ttl_s=30)

    with django_capture_on_commit_callbacks(execute=True):
        change(guest)

    assert store.get(own_card(guest.id)) == CHANGED
