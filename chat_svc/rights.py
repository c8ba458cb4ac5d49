"""Who may do what in a chat: one table of roles and actions."""

from enum import StrEnum

from chat_svc.errors import FilesRefused, NotAllowed
from chat_svc.models import Chat, GuestRule, Kind, Membership, Role


class Action(StrEnum):
    READ = "read"
    WRITE = "write"
    WRITE_ANNOUNCEMENT = "write_announcement"  # where only announcements are written
    WRITE_AT_ANY_PACE = "write_at_any_pace"  # in slow mode
    WRITE_LINK = "write_link"  # where guests' links are refused, or held
    SEND_FILES = "send_files"  # where guests' files are refused, or held
    APPROVE_HELD = "approve_held"  # what guests said where that is held
    EDIT_OWN = "edit_own"
    DELETE_OWN = "delete_own"
    DELETE_ANY = "delete_any"
    REMOVE_PREVIEW = "remove_preview"  # the card below another one's message
    REACT = "react"
    REPORT = "report"
    SEE_EDITS = "see_edits"  # what messages said before: for staff of the installation, whoever manages the chat
    MENTION_ALL = "mention_all"  # in a crowd; among few, everybody may
    PIN = "pin"
    RENAME = "rename"
    CONFIGURE = "configure"
    INVITE = "invite"
    LET_IN = "let_in"  # who knocks at a code
    ADD_MEMBER = "add_member"
    REMOVE_MEMBER = "remove_member"  # of a lower rank
    UNBAN = "unban"
    CHANGE_ROLE = "change_role"
    TRANSFER = "transfer"
    MANAGE_INTEGRATIONS = "manage_integrations"
    CLOSE = "close"
    LEAVE = "leave"


EVERYBODY = frozenset(Role)
MEMBERS = frozenset({Role.OWNER, Role.ADMIN, Role.MEMBER})
MANAGERS = frozenset({Role.OWNER, Role.ADMIN})
OWNERS = frozenset({Role.OWNER})
NOBODY = frozenset[Role]()

TABLE: dict[Action, frozenset[Role]] = {
    Action.READ: EVERYBODY,
    Action.WRITE: EVERYBODY,
    Action.WRITE_ANNOUNCEMENT: MANAGERS,
    Action.WRITE_AT_ANY_PACE: MANAGERS,
    Action.WRITE_LINK: MEMBERS,
    Action.SEND_FILES: MEMBERS,
    Action.APPROVE_HELD: MANAGERS,
    Action.EDIT_OWN: EVERYBODY,
    Action.DELETE_OWN: EVERYBODY,
    Action.DELETE_ANY: MANAGERS,
    Action.REMOVE_PREVIEW: MANAGERS,
    Action.REACT: EVERYBODY,
    Action.REPORT: EVERYBODY,
    Action.SEE_EDITS: NOBODY,
    Action.MENTION_ALL: MANAGERS,
    Action.PIN: MANAGERS,
    Action.RENAME: MANAGERS,
    Action.CONFIGURE: MANAGERS,
    Action.INVITE: MEMBERS,
    Action.LET_IN: MANAGERS,
    Action.ADD_MEMBER: MANAGERS,
    Action.REMOVE_MEMBER: MANAGERS,
    Action.UNBAN: MANAGERS,
    Action.CHANGE_ROLE: OWNERS,
    Action.TRANSFER: OWNERS,
    Action.MANAGE_INTEGRATIONS: MANAGERS,
    Action.CLOSE: OWNERS,
    Action.LEAVE: EVERYBODY,
}
# Two people who own a chat alike: there is nothing to manage, and nobody to let in.
NOT_IN_DIRECT = frozenset(
    {
        Action.RENAME,
        Action.CONFIGURE,
        Action.INVITE,
        Action.LET_IN,
        Action.ADD_MEMBER,
        Action.REMOVE_MEMBER,
        Action.UNBAN,
        Action.CHANGE_ROLE,
        Action.TRANSFER,
        Action.MANAGE_INTEGRATIONS,
        Action.CLOSE,
    }
)
# Who may remove whom: only people of a lower rank.
RANK = {Role.OWNER: 3, Role.ADMIN: 2, Role.MEMBER: 1, Role.GUEST: 0}


def may(action: Action, *, role: str, kind: str) -> bool:
    return role in TABLE[action] and not (kind == Kind.DIRECT and action in NOT_IN_DIRECT)


def require(action: Action, *, chat: Chat, membership: Membership) -> None:
    """Raises NotAllowed."""
    if not may(action, role=membership.role, kind=chat.kind):
        raise NotAllowed


def require_files(*, chat: Chat, membership: Membership) -> None:
    """May this person send files here? Asked when one is begun, and when it is said. Raises FilesRefused."""
    is_free = chat.guest_files != GuestRule.REFUSED
    if not is_free and not may(Action.SEND_FILES, role=membership.role, kind=chat.kind):
        raise FilesRefused
