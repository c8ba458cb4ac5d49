"""What user_svc refuses."""

from django.utils.translation import gettext_lazy as _

from abdre.errors import Conflict, Forbidden, Invalid, NotFound


class UserNotFound(NotFound):
    code, message = "user_not_found", _("There is no such person.")


class BotNotFound(NotFound):
    code, message = "bot_not_found", _("There is no such bot of yours.")


class UsernameTaken(Conflict):
    code, message = "username_taken", _("That user name is taken.")


class EmailTaken(Conflict):
    """Shown only to who reads the letters to that address; others are answered as if it were free."""

    code, message = "email_taken", _("That e-mail address is in use.")


class MayNotWrite(Forbidden):
    """Told in the same words, whether they want it so of everybody or have blocked the one who asks."""

    code, message = "may_not_write", _("You cannot write to this person.")


class InvalidProfile(Invalid):
    def __init__(self, field: str, problem: str) -> None:
        super().__init__(fields={field: [problem]})


class InvalidName(Invalid):
    code, message = "invalid", _("Please choose another name.")

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(fields={field: [problem]})


class WeakPassword(Invalid):
    code, message = "weak_password", _("Please choose a stronger password.")

    def __init__(self, problems: list[str]) -> None:
        super().__init__(fields={"password": problems})


class TooManyDevices(Conflict):
    code, message = "too_many_devices", _("Too many of your devices get notifications. Log one of them out first.")


class NoPushHere(NotFound):
    code, message = "no_push_here", _("This session gets no push messages.")


class LastAdministrator(Conflict):
    code, message = "last_administrator", _("You are the only administrator. Make somebody else one first.")


class NoticeNotFound(NotFound):
    code, message = "notice_not_found", _("Nothing like that was said to you.")


class NotAGuest(Conflict):
    code, message = "not_a_guest", _("You already have an account.")
