"""The admin: staff who are signed in come in, nobody else; they look, and see no secret."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session as DjangoSession
from django.utils import timezone
from django.utils.module_loading import import_string
from pytest_django import Settings

from abdre.tests.authenticator import Authenticator
from auth_svc.models import Session
from auth_svc.services import ask_for_deletion, ban, create_administrator, end_sessions
from auth_svc.tests.factors.ways import Clock, add_passkey, turn_on_app
from auth_svc.tests.people import PASSWORD, Browser, Visitor
from chat_svc.services import create_chat, report_target

LISTS = [
    *("user_svc/user", "chat_svc/chat", "chat_svc/membership", "chat_svc/report"),
    *("auth_svc/session", "auth_svc/invitation", "auth_svc/clienterror"),
]
COOKIE = "abdre_admin"


def ban_them(user_id: UUID) -> None:
    ban(user_id=user_id)


def delete_them(user_id: UUID) -> None:
    session_id = Session.objects.of(user_id).alive().get().id
    ask_for_deletion(user_id=user_id, session_id=session_id, erases_messages=False)


@pytest.fixture
def newcomer(browser) -> Browser:
    """An administrator who has logged in with the password, and has nothing else."""
    user = create_administrator(username="root.admin", password=PASSWORD)
    tab: Browser = browser()
    tab.login("root.admin")
    tab.id = user.id
    return tab


@pytest.fixture
def admin(newcomer: Browser) -> Browser:
    """And has shown a second factor."""
    assert add_passkey(newcomer, Authenticator("http://testserver")).status_code == 201
    return newcomer


@pytest.fixture
def tab(browser) -> Browser:
    tab: Browser = browser()
    tab.register("carol")
    return tab


def test_who_is_not_signed_in_is_sent_to_the_login_page_and_back(browser):
    response = browser().get("/admin/chat_svc/chat/?q=tea")

    assert response.status_code == 302
    assert response["Location"] == "/login?next=%2Fadmin%2Fchat_svc%2Fchat%2F%3Fq%3Dtea"


def test_a_member_is_told_that_this_is_not_for_them(tab: Browser):
    response = tab.get("/admin/")

    assert response.status_code == 403
    assert b"may not administer" in response.content
    assert COOKIE not in response.cookies


def test_an_administrator_comes_in_with_a_session_of_the_admins_own_path(admin: Browser):
    response = admin.get("/admin/")

    assert response.status_code == 200
    cookie = response.cookies[COOKIE]
    assert cookie["path"] == "/admin/"
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert "sessionid" not in response.cookies


def test_who_has_no_second_factor_is_led_to_set_one_up_and_comes_in_with_it(newcomer: Browser):
    asked = newcomer.get("/admin/auth_svc/session/?q=a")
    assert (asked.status_code, asked["Location"]) == (
        302,
        "/security/two-step?next=%2Fadmin%2Fauth_svc%2Fsession%2F%3Fq%3Da",
    )
    assert COOKIE not in asked.cookies

    add_passkey(newcomer, Authenticator("http://testserver"))

    assert newcomer.get("/admin/").status_code == 200


def test_a_session_that_has_not_shown_the_factor_is_asked_for_it(newcomer: Browser, browser, clock: Clock):
    phone: Browser = browser()
    phone.login("root.admin")
    app, _ = turn_on_app(newcomer, clock)
    clock.forward()

    asked = phone.get("/admin/")
    assert (asked.status_code, asked["Location"]) == (302, "/reauthenticate?next=%2Fadmin%2F")
    assert phone.post("/api/auth/reauthenticate", {"password": PASSWORD}).status_code == 403
    assert phone.get("/admin/").status_code == 302

    assert phone.post("/api/auth/reauthenticate", {"code": app.code()}).status_code == 204
    assert phone.get("/admin/").status_code == 200


def test_who_removes_the_last_factor_is_out_at_the_next_click(newcomer: Browser, clock: Clock):
    turn_on_app(newcomer, clock)
    assert newcomer.get("/admin/").status_code == 200

    newcomer.delete("/api/auth/totp")

    assert newcomer.get("/admin/")["Location"] == "/security/two-step?next=%2Fadmin%2F"
    newcomer.client.cookies["abdre_access"] = "expired"
    assert newcomer.get("/admin/")["Location"] == "/security/two-step?next=%2Fadmin%2F"


def test_an_operator_may_do_without(newcomer: Browser, settings: Settings):
    settings.ADMIN_SECOND_FACTOR = False

    assert newcomer.get("/admin/").status_code == 200


def test_a_member_with_a_second_factor_is_still_no_administrator(tab: Browser):
    add_passkey(tab, Authenticator("http://testserver"))

    assert tab.get("/admin/").status_code == 403


def test_a_forged_or_foreign_admin_cookie_opens_nothing(admin: Browser, browser):
    admin.get("/admin/")
    stranger: Browser = browser()
    stranger.client.cookies[COOKIE] = "a" * 32

    assert stranger.get("/admin/").status_code == 302


@pytest.mark.parametrize(
    "loss", [{"is_staff": False, "is_superuser": False}, {"is_active": False}, {"banned_at": timezone.now()}], ids=str
)
def test_who_loses_the_right_is_out_at_the_next_click(admin: Browser, loss: dict[str, object]):
    assert admin.get("/admin/").status_code == 200

    get_user_model().objects.filter(id=admin.id).update(**loss)

    assert admin.get("/admin/").status_code == 403


def test_the_admin_ends_with_the_session_that_opened_it(admin: Browser):
    admin.get("/admin/")
    assert admin.id

    with admin.commits():
        end_sessions(user_id=admin.id)

    response = admin.get("/admin/")
    assert (response.status_code, response["Location"]) == (302, "/login?next=%2Fadmin%2F")


@pytest.mark.parametrize("leave", [ban_them, delete_them])
def test_the_admin_of_who_is_banned_or_deleted_ends_with_their_sessions(admin: Browser, leave):
    create_administrator(username="another", password=PASSWORD)
    admin.get("/admin/")
    admin.client.cookies["abdre_access"] = "expired"
    assert admin.get("/admin/").status_code == 200

    with admin.commits():
        leave(admin.id)

    assert admin.get("/admin/").status_code == 302


def test_sessions_of_the_admin_that_are_over_are_forgotten(admin: Browser):
    admin.get("/admin/")
    DjangoSession.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    admin.client.cookies.pop(COOKIE)
    assert admin.get("/admin/").status_code == 200
    assert DjangoSession.objects.count() == 2

    for path, _every_s in settings.PERIODIC_DEEDS:
        if path.endswith("forget_admin_sessions"):
            import_string(path)()

    assert DjangoSession.objects.count() == 1
    assert admin.get("/admin/").status_code == 200


def test_the_admin_goes_on_when_the_access_cookie_runs_out_but_not_past_the_session(admin: Browser):
    admin.get("/admin/")
    admin.client.cookies["abdre_access"] = "expired"

    assert admin.get("/admin/").status_code == 200

    Session.objects.filter(user_id=admin.id).update(ended_at=timezone.now())
    assert admin.get("/admin/").status_code == 302


def test_who_signs_in_as_somebody_else_is_no_longer_the_administrator(ada: Visitor, admin: Browser):
    admin.get("/admin/")

    admin.login("ada")

    assert admin.get("/admin/").status_code == 403


def test_signing_out_of_the_admin_signs_out_of_everything_on_this_device(admin: Browser):
    admin.get("/admin/")

    assert admin.get("/admin/logout/").status_code == 405
    assert admin.post("/admin/logout/", X_CSRFToken="").status_code == 403
    response = admin.post("/admin/logout/")

    assert response.status_code == 302
    assert (admin.access, admin.secret, admin.cookie(COOKIE)) == ("", "", "")
    assert admin.get("/admin/").status_code == 302


@pytest.fixture
def town(ada: Visitor, bob: Visitor) -> UUID:
    """A chat with a message in it; its people have sessions."""
    assert ada.id
    assert bob.id
    chat = create_chat(creator_id=ada.id, kind="group", title="Tea", members=[bob.id])
    return chat.id


@pytest.mark.parametrize("path", LISTS)
def test_every_list_can_be_seen_searched_and_opened_and_none_changed(admin: Browser, town: UUID, path: str):
    model = apps.get_model(path.replace("/", "."))

    listed = admin.get(f"/admin/{path}/")
    searched = admin.get(f"/admin/{path}/?q=a")
    by_id = admin.get(f"/admin/{path}/?q={town}")

    assert [listed.status_code, searched.status_code, by_id.status_code] == [200, 200, 200]
    assert admin.get(f"/admin/{path}/add/").status_code == 403
    for row in model.objects.all()[:1]:
        shown = admin.get(f"/admin/{path}/{row.pk}/change/")
        assert shown.status_code == 200
        assert b'name="_save"' not in shown.content
        assert admin.client.post(f"/admin/{path}/{row.pk}/change/", headers=admin.own_headers()).status_code == 403
        assert admin.get(f"/admin/{path}/{row.pk}/delete/").status_code == 403


def test_no_secret_and_no_message_is_shown(admin: Browser, ada: Visitor, town: UUID):
    assert ada.id
    user = get_user_model().objects.get(id=ada.id)

    pages = b"".join(
        admin.get(path).content
        for path in (
            "/admin/",
            f"/admin/user_svc/user/{ada.id}/change/",
            f"/admin/chat_svc/chat/{town}/change/",
            *(f"/admin/{path}/" for path in LISTS),
        )
    )

    assert user.password.encode() not in pages
    assert b"md5$" not in pages
    assert b"refreshtoken" not in pages
    assert b"/message/" not in pages


def test_what_was_reported_is_read_as_it_stood_and_cannot_be_changed(
    admin: Browser, ada: Visitor, bob: Visitor, town: UUID
):
    assert ada.id
    assert bob.id
    report, _ = report_target(
        kind="person", target_id=ada.id, reporter_id=bob.id, reason="impersonation", note="<b>not</b> she"
    )
    path = f"/admin/chat_svc/report/{report.id}/change/"

    shown = admin.get(path)
    admin.post(path, {"state": "open", "note": "changed"})

    assert b"&lt;b&gt;not&lt;/b&gt; she" in shown.content
    assert str(ada.id).encode() in shown.content
    report.refresh_from_db()
    assert report.note == "<b>not</b> she"


def test_staff_without_rights_see_no_rows(tab: Browser, town: UUID):
    add_passkey(tab, Authenticator("http://testserver"))
    get_user_model().objects.filter(username="carol").update(is_staff=True)

    assert tab.get("/admin/").status_code == 200
    assert [tab.get(f"/admin/{path}/").status_code for path in LISTS] == [403] * len(LISTS)


@pytest.mark.parametrize("path", ["login", "password_change", "password_change/done"])
def test_there_is_no_second_login_and_no_second_password_form(admin: Browser, path: str):
    assert admin.get(f"/admin/{path}/").status_code == 404


def test_the_pages_need_no_inline_script_and_no_inline_style(admin: Browser, town: UUID):
    for path in ("/admin/", *(f"/admin/{path}/" for path in LISTS)):
        page = admin.get(path).content.decode()
        assert "<style" not in page
        assert " style=" not in page
        assert " onclick=" not in page
        assert all("src=" in tag or "application/json" in tag for tag in scripts_of(page)), path


def scripts_of(page: str) -> list[str]:
    return [part.partition(">")[0] for part in page.split("<script")[1:]]
