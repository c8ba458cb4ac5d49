"""A code that changes all the time: what is on the screen opens, a photo of it a minute later does not."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.utils import timezone
from pytest_django import Settings

from auth_svc.models import Invitation
from auth_svc.models.short_tokens import LENGTH
from auth_svc.tests.invitations.codes import INVITATIONS, Code, accept, invite, path_of, preview, row
from auth_svc.tests.people import Visitor, assert_refused

STEP = 30
NOON = datetime(2026, 11, 26, 12, 0, 10, tzinfo=UTC)
HOLDER_DEEDS = ["preview", "opened", "decline", "accept"]


class Clock:
    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at

    def goes_on(self, **span: float) -> None:
        self.at += timedelta(**span)


CLOCKED = (
    "models.invitations",
    "selectors.invitations",
    "selectors.previews",
    "services.invitations",
    "services.claims",
)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """What codes go by; the test moves it. Tokens of sessions keep the real time."""
    clock = Clock()
    for module in CLOCKED:
        monkeypatch.setattr(f"auth_svc.{module}.timezone", type("Now", (), {"now": staticmethod(clock)}))
    return clock


@pytest.fixture
def turning(ada: Visitor, chat: UUID, clock: Clock) -> Code:
    return invite(ada, chat, rotating=True, max_uses=None, ttl_s=3600)


def on_the_screen(ada: Visitor, code: Code) -> Code:
    """The code with the token that the picture says now."""
    return {**code, "token": ada.get(path_of(code, "/link")).json()["url"].rpartition("/")[2]}


def test_the_screen_shows_the_same_for_half_a_minute_and_then_another(ada: Visitor, turning: Code, clock: Clock):
    first = ada.get(path_of(turning, "/link")).json()
    clock.goes_on(seconds=19)
    same = ada.get(path_of(turning, "/link")).json()
    clock.goes_on(seconds=1)
    other = ada.get(path_of(turning, "/link")).json()

    assert first == same
    assert set(first) == {"url", "rotates_at", "svg"}
    assert (first["rotates_at"], other["rotates_at"]) == ("2026-11-26T12:00:30.000Z", "2026-11-26T12:01:00.000Z")
    assert other["url"] != first["url"]
    assert first["url"] == turning["url"]
    assert len(turning["token"]) == LENGTH


def test_a_photo_of_it_is_dead_a_minute_later(ada: Visitor, visitor, turning: Code, clock: Clock):
    photo = on_the_screen(ada, turning)
    clock.goes_on(seconds=49)  # the next one is shown, and this one still opens: phones take their time
    assert accept(visitor(), photo).status_code == 200

    clock.goes_on(seconds=1)

    for deed in HOLDER_DEEDS:
        answer = visitor().post(f"{INVITATIONS}/{deed}", {"token": photo["token"], "display_name": "Tom"})
        assert_refused(answer, 410, "invitation_moved_on")
    assert row(turning).uses == 1
    assert accept(visitor(), on_the_screen(ada, turning)).status_code == 200


def test_who_opened_it_in_time_may_think_of_a_name(ada: Visitor, visitor, turning: Code, clock: Clock):
    photo = on_the_screen(ada, turning)
    hold = {**turning, "token": preview(visitor(), photo)["hold"]}
    assert "hold" not in preview(visitor(), hold)  # else it would last for ever
    clock.goes_on(minutes=9)

    assert accept(visitor(), hold).status_code == 200

    clock.goes_on(minutes=1)
    assert_refused(accept(visitor(), hold), 410, "invitation_moved_on")


def test_a_hold_is_not_longer_than_its_code(ada: Visitor, visitor, turning: Code):
    hold = {**turning, "token": preview(visitor(), on_the_screen(ada, turning))["hold"]}

    ada.delete(path_of(turning))

    assert_refused(accept(visitor(), hold), 410, "invitation_revoked")
    assert preview(visitor(), hold) == {"state": "revoked"}


def test_the_tracker_goes_on_over_the_change(ada: Visitor, visitor, turning: Code, clock: Clock):
    token = {"token": on_the_screen(ada, turning)["token"]}
    visitor().post(f"{INVITATIONS}/opened", token)
    clock.goes_on(seconds=STEP)
    accept(visitor(), on_the_screen(ada, turning))

    shown = ada.get(path_of(turning)).json()
    assert (shown["opens"], shown["uses"], shown["status"]) == (1, 1, "joined")


@pytest.mark.parametrize("place", [0, 1, 20, 24, 59])
def test_a_changed_token_is_an_unknown_one(somebody: Visitor, turning: Code, place: int):
    token = turning["token"]
    forged = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]

    assert_refused(accept(somebody, {"token": forged}), 404, "invitation_unknown")


def test_the_lasting_token_of_its_row_opens_nothing(somebody: Visitor, turning: Code):
    Invitation.objects.update(rotating=False)
    lasting = row(turning).token()
    Invitation.objects.update(rotating=True)

    assert_refused(accept(somebody, {"token": lasting}), 404, "invitation_unknown")


def test_another_codes_secret_makes_no_token_of_this(ada: Visitor, somebody: Visitor, chat: UUID, turning: Code):
    other = row(invite(ada, chat, rotating=True))
    other.id = row(turning).id

    assert_refused(accept(somebody, {"token": other.token()}), 404, "invitation_unknown")


def test_the_picture_is_for_its_host_alone(bob: Visitor, eve: Visitor, turning: Code):
    for rest in ("/link", "/qr.svg", "/qr.png"):
        assert_refused(bob.get(path_of(turning, rest), Accept="image/png"), 404, "invitation_unknown")
        assert_refused(eve.get(path_of(turning, rest), Accept="image/png"), 404, "invitation_unknown")


def test_after_a_change_of_the_secret_key_the_next_picture_opens(
    ada: Visitor, somebody: Visitor, turning: Code, settings: Settings
):
    settings.SECRET_KEY = "another secret key, of forty characters.."

    assert_refused(accept(somebody, turning), 404, "invitation_unknown")
    assert accept(somebody, on_the_screen(ada, turning)).status_code == 200


def test_how_long_a_picture_stands_is_the_operators_to_say(ada: Visitor, chat: UUID, clock: Clock, settings: Settings):
    settings.INVITATION_ROTATION_S = 5
    code = invite(ada, chat, rotating=True)

    assert ada.get(path_of(code, "/link")).json()["rotates_at"] == "2026-11-26T12:00:15.000Z"


def test_a_renewed_one_turns_too(ada: Visitor, turning: Code):
    fresh = ada.post(path_of(turning, "/renew")).json()

    assert fresh["rotating"] is True
    assert fresh["rotates_at"]
    assert timezone.now()  # the real clock is whole again for whoever comes next
