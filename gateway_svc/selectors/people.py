"""People as pages show them."""

from dataclasses import dataclass
from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from abdre.cache import own_card, remembered
from gateway_svc.selectors import times
from gateway_svc.selectors.api import Api, Json, part
from gateway_svc.selectors.notices import Notice, notice
from gateway_svc.selectors.text import initial


@dataclass(frozen=True)
class Viewer:
    """Who looks at the page; without a name while the user service is away."""

    id: str
    name: str = ""
    is_guest: bool = False
    picture: str | None = None
    preferences: Json | None = None
    blocked: frozenset[str] = frozenset()
    notices: tuple[Notice, ...] = ()  # what staff let them know, and they have not read yet
    is_staff: bool = False


@dataclass(frozen=True)
class Person:
    id: str
    name: str
    is_guest: bool
    initial: str
    time: str = ""
    time_text: str = ""
    picture_url: str = ""


@dataclass(frozen=True)
class Deed:
    name: str
    text: str
    is_hard: bool = False
    is_asked_first: bool = False  # on a page of its own: what one may not take back oneself, or not at once


@dataclass(frozen=True)
class Member:
    id: str
    name: str
    is_guest: bool
    is_bot: bool
    is_self: bool
    initial: str
    role: str
    role_text: str
    menu_text: str
    deeds: list[Deed]
    picture_url: str = ""


# What a page needs of its visitor. A user service of the release before says less.
CARD = ("display_name", "is_guest", "is_staff", "picture", "preferences", "blocked", "notices")
RANKS = {"guest": 0, "member": 1, "admin": 2, "owner": 3}
# Guests are guests, except in the chats that they host.
# (role, whether a guest, whether a bot)
PEOPLE_THERE_ARE = (
    ("guest", True, False),
    ("owner", True, False),
    ("member", False, False),
    ("admin", False, False),
    ("owner", False, False),
    ("member", False, True),
    ("admin", False, True),
)
BLANK = Person(id="", name="", is_guest=True, initial="")


async def viewer(api: Api, user_id: str) -> Viewer:
    return _viewer(user_id, await _own_card(api))


async def known_viewer(api: Api, user_id: str) -> Viewer:
    """From what is kept of them. For pages that ask another service too: that one looks whether the session lives.

    While it is away nobody looks, and who holds a token of an ended session sees their own name until it expires.
    """
    return _viewer(user_id, await remembered(own_card(user_id), partial(_own_card, api)))


async def _own_card(api: Api) -> Json | None:
    me = await part(api.get("user", "/api/users/me"))
    return {name: me[name] for name in CARD if name in me} if me else None


def viewer_from(me: Json) -> Viewer:
    """From the person's own profile, where a page has asked for it."""
    return _viewer(me["id"], me)


def _viewer(user_id: str, card: Json | None) -> Viewer:
    if card is None:
        return Viewer(user_id)
    return Viewer(
        user_id,
        card["display_name"],
        card["is_guest"],
        card.get("picture"),
        card.get("preferences"),
        frozenset(card.get("blocked", ())),
        tuple(notice(item) for item in card.get("notices", ())),
        card.get("is_staff", False),
    )


def person(user: Json, time: str = "") -> Person:
    name = user["display_name"]
    return Person(user["id"], name, user["is_guest"], initial(name), time, times.short(time), picture_url(user))


def picture_url(user: Json | None, size: int = 64) -> str:
    """Empty for who has none."""
    picture = user.get("picture") if user else None
    return f"/api/users/{user['id']}/picture?v={picture}&size={size}" if user and picture else ""


def count_text(count: int) -> str:
    return ngettext("%(count)d person", "%(count)d people", count) % {"count": count}


def member(membership: Json, *, viewer_id: str, viewer_role: str) -> Member:
    user, role = membership["user"], membership["role"]
    name = user["display_name"]
    is_self = user["id"] == viewer_id
    return Member(
        id=user["id"],
        name=name,
        is_guest=user["is_guest"],
        is_bot=user.get("is_bot", False),
        is_self=is_self,
        initial=initial(name),
        role=role,
        role_text=role_text(role),
        menu_text=_("What to do about %(name)s") % {"name": name},
        deeds=[] if is_self else deeds(viewer_role=viewer_role, role=role, user=user),
        picture_url=picture_url(user),
    )


def blank_members(*, viewer_role: str) -> list[Member]:
    """What the page's script copies for somebody who comes while the page stands, with places for name and id."""
    return [
        member(
            {"user": {"id": "{id}", "display_name": "{name}", "is_guest": is_guest, "is_bot": is_bot}, "role": role},
            viewer_id="",
            viewer_role=viewer_role,
        )
        for role, is_guest, is_bot in PEOPLE_THERE_ARE
    ]


def role_text(role: str) -> str:
    names = {"owner": _("Owner"), "admin": _("Admin"), "member": _("Member"), "guest": _("Guest")}
    return names.get(role, role)


def deeds(*, viewer_role: str, role: str, user: Json) -> list[Deed]:
    """What the viewer may be offered; whether it is allowed, the chat service decides."""
    offered = []
    if viewer_role == "owner" and not user["is_guest"]:
        # What one cannot take back oneself looks so.
        offered += [
            Deed(name, text, is_hard=name == "transfer", is_asked_first=name == "transfer")
            for name, text in _roles_to_give(role, is_bot=bool(user.get("is_bot")))
        ]
    if RANKS.get(role, 0) < RANKS.get(viewer_role, 0) and viewer_role in ("owner", "admin"):
        offered += [
            Deed("remove", _("Remove from the chat"), is_hard=True),
            Deed("ban", _("Remove and ban"), is_hard=True, is_asked_first=True),
        ]
    return offered


def _roles_to_give(role: str, *, is_bot: bool) -> list[tuple[str, str]]:
    """An owner may stay one beside another, or hand the chat over; a bot owns none."""
    texts = {
        "admin": _("Make admin"),
        "member": _("Make plain member"),
        "owner": _("Make owner too"),
        "transfer": _("Hand the chat over"),
    }
    taken = {role, "transfer"} if role == "owner" else {role}
    if is_bot:
        taken |= {"owner", "transfer"}
    return [(name, text) for name, text in texts.items() if name not in taken]
