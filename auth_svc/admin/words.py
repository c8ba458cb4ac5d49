"""What columns, and what they say, are called by people; the code's own names are for programmers."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.contrib.admin.utils import label_for_field
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

NAMES: dict[str, str | Promise] = {
    "address": _("Network"),
    "approval": _("Host lets in"),
    "at": _("When"),
    "banned_at": _("Banned"),
    "browser": _("Browser"),
    "chat": _("Chat"),
    "closed_at": _("Closed"),
    "column": _("Column"),
    "count": _("How often"),
    "created_at": _("Made"),
    "created_by": _("Made by"),
    "date_joined": _("Came"),
    "deactivated_at": _("Deactivated"),
    "declines": _("Declined"),
    "deleted_at": _("Deleted"),
    "deletion_due_at": _("Deletion due"),
    "display_name": _("Name"),
    "email": _("E-mail address"),
    "ended_at": _("Ended"),
    "expires_at": _("Expires"),
    "file": _("File"),
    "first_at": _("First"),
    "guests": _("Guests may join"),
    "id": _("Id"),
    "is_active": _("Open account"),
    "is_bot": _("Bot"),
    "is_guest": _("Guest"),
    "is_public": _("Public"),
    "is_staff": _("Staff"),
    "is_superuser": _("All rights"),
    "joined_at": _("Joined"),
    "kind": _("Kind"),
    "label": _("Label"),
    "last_at": _("Last"),
    "last_message_at": _("Last message"),
    "last_seen_at": _("Last seen"),
    "last_seq": _("Messages"),
    "last_used_at": _("Last used"),
    "line": _("Line"),
    "max_uses": _("Uses at most"),
    "message": _("Error"),
    "note": _("Note"),
    "opened_at": _("First opened"),
    "page": _("Page"),
    "read_seq": _("Read up to"),
    "reason": _("Reason"),
    "remember": _("Stays signed in"),
    "reporter": _("Reported by"),
    "request_id": _("Request"),
    "revoked_at": _("Revoked"),
    "role": _("Role"),
    "rotating": _("Changes all the time"),
    "seq": _("Message"),
    "silenced_until": _("May not write until"),
    "snapshot": _("As it was reported"),
    "stack": _("Where in the code"),
    "state": _("State"),
    "target_id": _("About (id)"),
    "target_kind": _("About"),
    "title": _("Title"),
    "topic": _("Topic"),
    "user": _("Person"),
    "user_agent": _("As it says itself"),
    "user_id": _("Person (id)"),
    "username": _("User name"),
    "uses": _("Uses"),
    "version": _("Version"),
}
CHOICES: dict[str, str | Promise] = {
    # kinds of chats
    "direct": _("direct chat"),
    "group": _("group"),
    "temporary": _("temporary chat"),
    # roles
    "owner": _("owner"),
    "admin": _("admin"),
    "member": _("member"),
    "guest": _("guest"),
    # where a membership stands
    "active": _("in the chat"),
    "left": _("left"),
    "removed": _("removed"),
    "banned": _("banned"),
    # what is reported, and why: in the words that who reports has chosen from
    "message": _("message"),
    "person": _("person"),
    "invitation": _("code"),
    "spam": _("Unwanted advertising, or a fraud"),
    "abuse": _("Insults or harassment"),
    "violence": _("Threats or violence"),
    "sexual": _("Sexual content"),
    "impersonation": _("Somebody pretends to be somebody else"),
    "illegal": _("Against the law"),
    "other": _("Something else"),
    # where a report stands
    "open": _("open"),
    "escalated": _("escalated"),
    "resolved": _("resolved"),
    "rejected": _("rejected"),
}
# Of a code: its word, and how good that is.
STANDINGS: dict[str, Any] = {
    "created": (_("fresh"), ""),
    "opened": (_("opened"), ""),
    "joined": (_("used"), "good"),
    "declined": (_("declined"), ""),
    "expired": (_("expired"), "ended"),
    "revoked": (_("revoked"), "ended"),
    "used_up": (_("used up"), "ended"),
}


def name_of(name: str, admin: ModelAdmin) -> str:  # type: ignore[type-arg]  # generic for the type checker only
    """Of the field or column `name`; a column of the list's own says itself what it is called."""
    own = getattr(getattr(type(admin), name, None), "short_description", None)
    return str(own or NAMES.get(name) or capfirst(str(label_for_field(name, admin.model, admin))))
