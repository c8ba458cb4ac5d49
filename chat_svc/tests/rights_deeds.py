"""For each action of the table one deed by REST, and a small town in which anybody may try it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.utils import timezone

from chat_svc.models import Chat, HeldMessage, HeldWhy, Kind, Membership, Message, Role, State
from chat_svc.rights import Action
from chat_svc.tests.conftest import Api, member
from user_svc.services import create_guest

if TYPE_CHECKING:
    from user_svc.models import User

# Who tries, and what they are in the chat: active in a role, or not (any more) in it.
CAST: dict[str, tuple[Role, State] | None] = {
    "owner": (Role.OWNER, State.ACTIVE),
    "admin": (Role.ADMIN, State.ACTIVE),
    "member": (Role.MEMBER, State.ACTIVE),
    "guest": (Role.GUEST, State.ACTIVE),
    "eve": None,
    "removed": (Role.ADMIN, State.REMOVED),
    "banned": (Role.ADMIN, State.BANNED),
    "waiting": None,  # before somebody has let them in, they are a stranger with a code
}
# Those on whom things are done: a second owner, so that the first may leave; a member; somebody who is banned.
OTHERS: dict[str, tuple[Role, State] | None] = {
    "co-owner": (Role.OWNER, State.ACTIVE),
    "target": (Role.MEMBER, State.ACTIVE),
    "outcast": (Role.MEMBER, State.BANNED),
    "newcomer": None,
}


def people() -> dict[str, User]:
    return {
        name: create_guest(display_name="Gulnara") if name == "guest" else member(name.replace("-", ""))
        for name in (*CAST, *OTHERS)
    }


@dataclass(frozen=True)
class Place:
    """A chat of the town, in which everybody who was ever in it has said something."""

    chat: UUID
    people: Mapping[str, User]
    own: Mapping[str, int]  # by who said it, the message's `seq`

    @property
    def path(self) -> str:
        return f"/api/chats/{self.chat}"


def place(town: Mapping[str, User], rules: Mapping[str, Any]) -> Place:
    rows = {name: entry for name, entry in {**CAST, **OTHERS}.items() if entry is not None}
    first = town["owner"]
    count = len(rows)
    chat = Chat.objects.create(
        kind=Kind.GROUP, title="Tea", created_by=first, version=2 * count + 1, own_version=1, last_seq=count, **rules
    )
    just_now = timezone.now() if chat.slow_mode_s else None
    Membership.objects.bulk_create(
        Membership(
            chat=chat, user=town[name], role=role, state=state, version=version, last_sent_at=just_now, read_seq=count
        )
        for version, (name, (role, state)) in enumerate(rows.items(), start=2)
    )
    own = {name: seq for seq, name in enumerate(rows, start=1)}
    Message.objects.bulk_create(
        Message(chat=chat, seq=seq, version=count + 1 + seq, sender=town[name], client_id=uuid4(), body="said")
        for name, seq in own.items()
    )
    return Place(chat.id, town, own)


Asked = tuple[str, str, object]  # method, path, body


@dataclass(frozen=True)
class Deed:
    """`ask`: what somebody asks for in the place. `refused`: what a member hears who may not."""

    ask: Callable[[Place, str], Asked]
    rules: Mapping[str, Any] = field(default_factory=dict)
    refused: int = 403
    is_told: bool = True  # to all in the chat


def _say(body: str) -> Callable[[Place, str], Asked]:
    return lambda at, who: ("POST", f"{at.path}/messages", {"client_id": str(uuid4()), "body": body})


def _own(at: Place, who: str) -> str:
    """Strangers have said nothing: they try with the first message."""
    return f"{at.path}/messages/{at.own.get(who, 1)}"


def _id(at: Place, name: str) -> str:
    return str(at.people[name].id)


def _let_in(at: Place, who: str) -> Asked:
    """Somebody has knocked at a code of the chat."""
    made = Api(at.people["co-owner"])("POST", "/api/auth/invitations", {"chat": str(at.chat), "approval": True}).json()
    knocked = Api(at.people["waiting"])("POST", "/api/auth/invitations/accept", {"token": made["token"]})
    assert knocked.status_code == 202
    return "POST", f"/api/auth/invitations/{made['id']}/approve", {"user": _id(at, "waiting")}


def _remove_preview(at: Place, who: str) -> Asked:
    """Below a message of somebody else's a card stands."""
    card = {
        "url": "https://example.org",
        "title": "Tea",
        "description": "",
        "site_name": "example.org",
        "picture": None,
    }
    Message.objects.filter(chat_id=at.chat, seq=at.own["target"]).update(extras={"link_preview": card})
    return "DELETE", f"{at.path}/messages/{at.own['target']}/link-preview", None


def _approve_held(at: Place, who: str) -> Asked:
    """The guest has posted a link."""
    said = {"client_id": uuid4(), "body": "https://example.org", "why": HeldWhy.LINK}
    held = HeldMessage.objects.create(chat_id=at.chat, sender=at.people["guest"], **said)
    return "POST", f"{at.path}/held/{held.id}/approve", {}


DEEDS: dict[Action, Deed] = {
    Action.READ: Deed(lambda at, who: ("GET", f"{at.path}/messages", None), is_told=False),
    Action.WRITE: Deed(_say("hello")),
    Action.WRITE_ANNOUNCEMENT: Deed(_say("hello"), rules={"announcement_only": True}),
    Action.WRITE_AT_ANY_PACE: Deed(_say("hello"), rules={"slow_mode_s": 600}, refused=429),
    Action.WRITE_LINK: Deed(_say("see https://example.org"), rules={"guest_links": "refused"}),
    Action.SEND_FILES: Deed(
        lambda at, who: ("POST", f"{at.path}/attachments", {"name": "tea.txt", "size": 5}),
        rules={"guest_files": "refused"},
        is_told=False,
    ),
    Action.APPROVE_HELD: Deed(_approve_held, rules={"guest_links": "held"}),
    Action.EDIT_OWN: Deed(lambda at, who: ("PATCH", _own(at, who), {"body": "changed"})),
    Action.DELETE_OWN: Deed(lambda at, who: ("DELETE", _own(at, who), None)),
    Action.DELETE_ANY: Deed(lambda at, who: ("DELETE", f"{at.path}/messages/{at.own['target']}", None)),
    Action.REMOVE_PREVIEW: Deed(_remove_preview),
    Action.REACT: Deed(lambda at, who: ("PUT", f"{at.path}/messages/1/reactions/👍", None)),
    Action.REPORT: Deed(
        lambda at, who: ("POST", f"{at.path}/messages/{at.own['target']}/report", {"reason": "spam"}), is_told=False
    ),
    Action.SEE_EDITS: Deed(lambda at, who: ("GET", f"{at.path}/messages/1/edits", None), is_told=False),
    Action.PIN: Deed(lambda at, who: ("PUT", f"{at.path}/messages/1/pin", None)),
    Action.MANAGE_INTEGRATIONS: Deed(lambda at, who: ("GET", f"{at.path}/incoming-hooks", None), is_told=False),
    Action.RENAME: Deed(lambda at, who: ("PATCH", at.path, {"title": "Renamed"})),
    Action.CONFIGURE: Deed(lambda at, who: ("PATCH", at.path, {"topic": "Changed", "slow_mode_s": 5})),
    Action.INVITE: Deed(lambda at, who: ("POST", "/api/auth/invitations", {"chat": str(at.chat)}), is_told=False),
    Action.LET_IN: Deed(_let_in, refused=404),  # another one's code is not there
    Action.ADD_MEMBER: Deed(lambda at, who: ("POST", f"{at.path}/members", {"user": _id(at, "newcomer")})),
    Action.REMOVE_MEMBER: Deed(lambda at, who: ("DELETE", f"{at.path}/members/{_id(at, 'target')}", None)),
    Action.UNBAN: Deed(lambda at, who: ("DELETE", f"{at.path}/banned/{_id(at, 'outcast')}", None)),
    Action.CHANGE_ROLE: Deed(lambda at, who: ("PATCH", f"{at.path}/members/{_id(at, 'target')}", {"role": "admin"})),
    Action.TRANSFER: Deed(lambda at, who: ("POST", f"{at.path}/transfer", {"user": _id(at, "target")})),
    Action.CLOSE: Deed(lambda at, who: ("DELETE", at.path, None)),
    Action.LEAVE: Deed(lambda at, who: ("DELETE", f"{at.path}/members/{_id(at, who)}", None)),
}


# Who may not is heard all the same, and calls nobody: test_mentions.py.
HEARD_ALL_THE_SAME = {Action.MENTION_ALL}


def is_allowed(action: Action, who: str, table: Mapping[Action, frozenset[Role]]) -> bool:
    entry = CAST[who]
    return entry is not None and entry[1] == State.ACTIVE and entry[0] in table[action]


def expected(action: Action, who: str, table: Mapping[Action, frozenset[Role]]) -> int:
    """The status; 200 stands for whatever is said to who may."""
    if is_allowed(action, who, table):
        return 200
    entry = CAST[who]
    return 404 if entry is None or entry[1] != State.ACTIVE else DEEDS[action].refused
