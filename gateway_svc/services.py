"""What a person does on a page, as calls to the services."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from abdre.service_client import ServiceAway
from gateway_svc.errors import Refused
from gateway_svc.selectors.api import Api, Json
from gateway_svc.selectors.invitations import DEAD, ENDLESS, LIFETIMES, USES
from gateway_svc.selectors.times import left_s

INVITATIONS = "/api/auth/invitations"
# A code that is about to die is not worth showing again.
WORTH_SHOWING_S = 60


@dataclass(frozen=True)
class Tokens:
    access: str
    refresh: str


@dataclass(frozen=True)
class Started:
    """A chat and its code; `tokens` where somebody had to become a guest for it."""

    chat_id: str
    invitation_id: str
    tokens: Tokens | None


@dataclass(frozen=True)
class Joined:
    """`path`: the chat, or where to wait for a host's word."""

    path: str
    tokens: Tokens | None


def tokens_of(answer: Json) -> Tokens | None:
    """What a service gives to whom it signs in; None for somebody who was signed in already."""
    held = answer.get("tokens") or answer
    return Tokens(held["access_token"], held["refresh_token"]) if held.get("access_token") else None


async def start_chat(api: Api, *, name: str, is_signed_in: bool) -> Started:
    """One tap: a chat and its code, made by a guest where nobody is signed in. Raises Refused, ServiceAway."""
    tokens = None
    if is_signed_in:
        host = await api.get("user", "/api/users/me")
    else:
        answer = await api.post("auth", "/api/auth/guest", {"display_name": name or _("Host")})
        host, tokens = answer["user"], tokens_of(answer)
        assert tokens is not None  # the contract of that endpoint
        api = api.signed_in(tokens.access)
    is_named = is_signed_in or bool(name)
    chat = await api.post("chat", "/api/chats", _new_chat(host, is_named=is_named))
    invitation = await make_code(api, chat_id=chat["id"])
    return Started(chat["id"], invitation["id"], tokens)


def _new_chat(host: Json, *, is_named: bool) -> Json:
    title = _("%(name)s’s chat") % {"name": host["display_name"]} if is_named else _("New chat")
    return {"kind": "temporary" if host["is_guest"] else "group", "title": title}


async def make_code(
    api: Api,
    *,
    chat_id: str = "",
    ttl: str = "900",
    uses: str = "1",
    guests: bool = True,
    label: str = "",
    **locks: Any,
) -> Json:
    """`ttl` and `uses` as the form offers them; others become the usual ones.

    `locks`: `approval`, `rotating`, `password`; what is not wanted is not named. Without a chat: one with the host.
    """
    sent = {
        "ttl_s": _number(ttl, LIFETIMES),
        "max_uses": _number(uses, USES),
        "guests": guests,
        "label": label,
        **{name: value for name, value in locks.items() if value},
    }
    return await api.post("auth", INVITATIONS, {"chat": chat_id, **sent} if chat_id else sent)


async def show_code(api: Api, *, chat_id: str) -> str:
    """The id of a living code of this person's into the chat: the one there is, else a new one."""
    living = await living_code(api, chat=chat_id)
    return str((living or await make_code(api, chat_id=chat_id))["id"])


async def living_code(api: Api, **which: str) -> Json | None:
    """A code of this person's that is worth showing: the one there is."""
    answer = await api.get("auth", INVITATIONS, **which)
    return next((invitation for invitation in answer["items"] if _is_worth_showing(invitation)), None)


async def accept(api: Api, *, token: str, name: str | None, attempt: str, password: str = "") -> Joined:
    """`attempt` tells one press of Join from another: pressed twice, or asked again, it is one joining."""
    sent = {"token": token} if name is None else {"token": token, "display_name": name}
    if password:
        sent["password"] = password
    answer = await api.with_header("idempotency-key", attempt).post("auth", f"{INVITATIONS}/accept", sent)
    path = f"/chats/{_id(answer['chat'])}" if "chat" in answer else f"/waiting/{answer['invitation']}"
    return Joined(path, tokens_of(answer))


async def collect(api: Api, *, code_id: str, secret: str, remember: bool) -> Json:
    """The tokens of a device code that was confirmed; `{"state": "waiting"}` before. Raises Refused."""
    sent = {"id": code_id, "secret": secret, "remember": remember}
    return await api.post("auth", "/api/auth/device-codes/collect", sent)


async def recover(api: Api, *, token: str, attempt: str) -> Json:
    """The guest's tokens; `attempt` as in `accept`. Raises Refused."""
    return await api.with_header("idempotency-key", attempt).post(
        "auth", "/api/auth/recovery-links/claim", {"token": token}
    )


async def rename(api: Api, *, name: str) -> None:
    await api.patch("user", "/api/users/me", {"display_name": name})


async def change_member(api: Api, *, chat_id: str, user_id: str, deed: str) -> None:
    path = f"/api/chats/{chat_id}/members/{user_id}"
    if deed in ("remove", "ban"):
        await api.delete("chat", path, **({"ban": "true"} if deed == "ban" else {}))
    elif deed == "transfer":
        await api.post("chat", f"/api/chats/{chat_id}/transfer", {"user": user_id})
    else:
        await api.patch("chat", path, {"role": deed})


async def drop_uploads(api: Api, path: str, ids: Sequence[str]) -> None:
    """Those that go into no message after all; one that stays is erased a day later. `path`: of the attachments."""
    for attachment_id in ids:
        with suppress(Refused, ServiceAway):
            await api.delete("chat", f"{path}/{attachment_id}")


async def revoke(api: Api, *, invitation_id: str, evict: bool = False) -> None:
    await api.delete("auth", f"{INVITATIONS}/{invitation_id}", **({"evict": "true"} if evict else {}))


async def renew(api: Api, *, invitation_id: str) -> str:
    return str((await api.post("auth", f"{INVITATIONS}/{invitation_id}/renew"))["id"])


def _is_worth_showing(invitation: Json) -> bool:
    seconds = left_s(invitation["expires_at"])
    return invitation["status"] not in DEAD and (seconds is None or seconds > WORTH_SHOWING_S)


def _number(chosen: str, offered: Mapping[str, object]) -> int | None:
    known = chosen if chosen in offered else next(iter(offered))
    return None if known == ENDLESS else int(known)


def _id(chat: Json | str) -> str:
    return chat if isinstance(chat, str) else str(chat["id"])
