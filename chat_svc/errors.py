"""What chat_svc refuses. A chat that is not yours is not there."""

import datetime as dt

from django.utils.translation import gettext_lazy as _

from abdre.errors import (
    AppError,
    Conflict,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    TooLarge,
    TooMany,
    Unavailable,
    UnsupportedMediaType,
)


class ChatNotFound(NotFound):
    code, message = "chat_not_found", _("There is no such chat.")


class NotAMember(ChatNotFound):
    """Told in the same words as an unknown chat, so that nobody learns what exists."""


class MemberNotFound(NotFound):
    code, message = "member_not_found", _("This person is not in the chat.")


class MessageNotFound(NotFound):
    code, message = "message_not_found", _("There is no such message.")


class ChatOver(Gone):
    code, message = "chat_over", _("This chat is over.")


class ChatFull(Conflict):
    code, message = "chat_full", _("This chat is full.")


class Banned(Forbidden):
    code, message = "banned", _("You may not enter this chat.")


class NotAllowed(Forbidden):
    code, message = "not_allowed", _("You may not do that in this chat.")


class AnnouncementsOnly(NotAllowed):
    code, message = "announcements_only", _("Only those who manage this chat write here.")


class Silenced(NotAllowed):
    """By the staff, in this chat or everywhere. A client says `until` in its person's own zone."""

    code, message = "silenced", _("You may not write here until %(until)s UTC.")

    def __init__(self, until: dt.datetime) -> None:
        super().__init__(self.message % {"until": f"{until.astimezone(dt.UTC):%Y-%m-%d %H:%M}"})
        self.until = until


class LinksRefused(NotAllowed):
    code, message = "links_refused", _("Guests post no links in this chat.")


class FilesRefused(NotAllowed):
    code, message = "files_refused", _("Guests cannot send files in this chat.")


class WordsRefused(NotAllowed):
    code, message = "words_refused", _("This says something that is not wanted here. Please put it in other words.")


class EditWouldBeHeld(NotAllowed):
    code, message = "edit_would_be_held", _("This has to be approved first. Please send it as a new message.")


class NotApproved(NotAllowed):
    code, message = "not_approved", _("This message was not approved.")


class HeldNotFound(NotFound):
    code, message = "held_not_found", _("No such message waits for approval.")


class AlreadyDecided(Conflict):
    code, message = "already_decided", _("Somebody else has decided on this message already.")


class TooManyHeld(Conflict):
    code, message = "too_many_held", _("Twenty messages of yours wait for approval here. Please wait for them.")


class NewcomersPace(TooMany):
    code, message = "newcomers_pace", _("You are new here. Please wait a moment before you write more.")


class SlowMode(TooMany):
    code, message = "slow_mode", _("This chat is in slow mode. Please wait before you write again.")


class LastOwner(Conflict):
    code, message = "last_owner", _("Make somebody else the owner first.")


class TooManyPinned(Conflict):
    code, message = "too_many_pinned", _("Ten chats are on top already. Take one of them down first.")


class TooManyPins(Conflict):
    code, message = "too_many_pins", _("This chat has 50 pinned messages. Take one off first.")


class NotYourMessage(Forbidden):
    code, message = "not_your_message", _("Only its author may change a message.")


class MessageDeleted(Conflict):
    code, message = "message_deleted", _("This message was deleted.")


class MessageForwarded(Conflict):
    code, message = "message_forwarded", _("A forwarded message stays as it was said.")


class TooManyReactions(Conflict):
    code, message = "too_many_reactions", _("There are too many different reactions to this message.")


class SecondFactorMissing(Forbidden):
    code, message = "second_factor_needed", _("Please log in with your app, a recovery code or a passkey first.")


class AttachmentNotFound(NotFound):
    code, message = "attachment_not_found", _("There is no such file.")


class FileTooLarge(TooLarge):
    code, message = "file_too_large", _("This file is too large.")


class TooManyFiles(TooMany):
    code, message = "too_many_files", _("You have sent very much today, or have many files waiting. Please send less.")


class NoRoom(Unavailable):
    code, message = "no_room", _("There is no room for files here right now. Please try again later.")


class KindRefused(UnsupportedMediaType):
    code, message = "kind_refused", _("Files of this kind cannot be sent here.")


class WrongOffset(Conflict):
    code, message = "wrong_offset", _("The upload does not go on from there. Ask how far it has come.")


class RangeRefused(AppError):
    status, code, message = 416, "range_refused", _("The file has no such part.")


class ImageTooLarge(FileTooLarge):
    code, message = "image_too_large", _("This image has too many pixels.")


class BrokenImage(Invalid):
    code, message = "broken_image", _("This image cannot be read.")


class ChatExportNotFound(NotFound):
    """No such file, not made yet, gone again, or not this person's: they look alike."""

    code, message = "export_not_found", _("There is no such file of yours.")


class ChatExportPending(Conflict):
    code, message = "export_pending", _("One is being made already.")


class HookNotFound(NotFound):
    """Also for a token that is wrong, old, or of a webhook whose bot was taken out: they look alike."""

    code, message = "hook_not_found", _("There is no such webhook.")


class TooManyHooks(Conflict):
    code, message = "too_many_hooks", _("This chat has as many webhooks as it can have. Delete one first.")


class ScheduledNotFound(NotFound):
    code, message = "scheduled_not_found", _("There is no such message of yours that waits to be sent.")


class BeingSent(Conflict):
    code, message = "being_sent", _("This message is being sent at this moment.")


class TooManyScheduled(Conflict):
    code, message = "too_many_scheduled", _("You have 100 messages waiting to be sent. Send or cancel one first.")


class ReminderNotFound(NotFound):
    code, message = "reminder_not_found", _("There is no such reminder of yours.")


class TooManyReminders(Conflict):
    code, message = "too_many_reminders", _("You have 100 reminders. Cancel one first.")


class TargetNotFound(NotFound):
    """What the reporter cannot see looks like what is not there."""

    code, message = "target_not_found", _("There is nothing like that to report.")


class InvalidMessage(Invalid):
    def __init__(self, field: str, problem: str) -> None:
        super().__init__(fields={field: [problem]})


class InvalidChat(InvalidMessage):
    pass


class InvalidFile(InvalidMessage):
    pass


class InvalidHook(InvalidMessage):
    pass


class InvalidRule(InvalidMessage):
    pass


class RuleNotFound(NotFound):
    code, message = "rule_not_found", _("There is no such rule.")


class RuleKnown(Conflict):
    code, message = "rule_known", _("This rule is there already, or another one was changed just now.")


class TooManyRules(Conflict):
    code, message = "too_many_rules", _("There are 500 rules, or 100 patterns. Take one off first.")


class NotStaff(Forbidden):
    code, message = "not_staff", _("Your account may not do that.")


class TargetProtected(Forbidden):
    code, message = "target_protected", _("This is for somebody with more rights than yours, or it is yourself.")


class ReasonMissing(Invalid):
    def __init__(self) -> None:
        super().__init__(fields={"reason": [str(_("Please say why, in at most 1,000 characters."))]})


class Unchanged(Conflict):
    code, message = "unchanged", _("It is so already.")


class CannotUndo(Conflict):
    code, message = "cannot_undo", _("This cannot be taken back, or has been already.")


class ReportNotFound(NotFound):
    code, message = "report_not_found", _("There is no such report.")


class ReportClosed(Conflict):
    code, message = "report_closed", _("This report is closed already.")


class ReportTaken(Conflict):
    """`message` names who of the staff has it."""

    code, message = "report_taken", _("Somebody else has taken this report.")


class ReportFree(Conflict):
    code, message = "report_free", _("Nobody has taken this report.")


class NothingToDelete(Conflict):
    code, message = "nothing_to_delete", _("No message was reported here that could be deleted.")


class ReportEscalated(Forbidden):
    code, message = "report_escalated", _("This report is for the administrators now.")
