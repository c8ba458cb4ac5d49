"""Who gets which answer where: every route asked by everybody, compared with the table in `abdre/docs/routes.md`.

What was found is written to the folder `.artifacts`, in the table's own form.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from abdre.tests.authenticator import Authenticator
from deploy.ci.jobs import ROOT
from deploy.tests.conftest import House
from deploy.tests.passkeys import add_passkey, answer_of
from deploy.tests.people import PICTURE, TIMEOUT, WITHIN_S, Person, Town

TABLE = ROOT / "abdre/docs/routes.md"
FOUND = ROOT / ".artifacts/routes.md"
# In this order: who may more comes later, so that nobody takes away what the next one asks for.
ROLES = ("nobody", "other", "staff", "guest", "member", "owner")
PASSWORD = "correct horse battery"
TOKEN = re.compile(r'name="csrf-token" content="(\w+)"')


@dataclass(frozen=True)
class Deed:
    """One request. A page's form is a mapping of texts under a path outside /api/."""

    method: str
    path: str  # as in the addresses of the services, without types
    body: Mapping[str, Any] | bytes | None = None
    query: str = ""
    ends_session: bool = False  # so that each needs one to spare
    makes_archive: bool = False  # one at a time, so the next one waits for it

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def text(self) -> str:
        return f"{self.path}{self.body}"

    @property
    def uses_up(self) -> bool:
        """Whether the next one may not find what it asks for: a chat, a code, or somebody's session."""
        names_a_thing = any(name in self.text for name in THINGS)
        return self.ends_session or (self.method != "GET" and names_a_thing)

    @property
    def is_page(self) -> bool:
        return not self.path.startswith("/api/")


THINGS = ("{chat_id}", "{invitation_id}", "{token}", "{device_token}", "{device_secret}", "{recovery_token}")

CHAT = "/api/chats/{chat_id}"
PAGE = "/chats/{chat_id}"
CODE = "/api/auth/invitations/{invitation_id}"
CODE_PAGE = f"{PAGE}/invitations/{{invitation_id}}"
UUID = "{uuid}"
IN_A_YEAR = (datetime.now(UTC) + timedelta(days=365)).isoformat()

DEEDS = [
    Deed("GET", "/livez"),
    Deed("GET", "/readyz"),
    # auth
    Deed("POST", "/api/auth/guest", {"display_name": "Somebody"}),
    Deed("POST", "/api/auth/register", {"username": "n-{short}", "password": PASSWORD}, ends_session=True),
    Deed("POST", "/api/auth/login", {"login": "{carol}", "password": PASSWORD}, ends_session=True),
    Deed("POST", "/api/auth/refresh", {"refresh_token": "not one"}),
    Deed("POST", "/api/auth/logout", {}, ends_session=True),
    Deed("GET", "/api/auth/sessions"),
    Deed("DELETE", "/api/auth/sessions", query="?others=true"),
    Deed("DELETE", "/api/auth/sessions/{session_id}", ends_session=True),
    Deed("POST", "/api/auth/login/second-factor", {"challenge": "not one", "code": "000000"}),
    Deed("POST", "/api/auth/login/passkey/options", {}),
    Deed("POST", "/api/auth/login/passkey", {"credential": {}, "state": "not one"}),
    Deed("POST", "/api/auth/register/passkey/options", {"username": "n-{short}"}),
    Deed("POST", "/api/auth/register/passkey", {"credential": {}, "state": "not one"}),
    Deed("POST", "/api/auth/totp/options", {}),
    Deed("POST", "/api/auth/totp", {"state": "not one", "code": "000000"}),
    Deed("DELETE", "/api/auth/totp"),
    Deed("POST", "/api/auth/recovery-codes", {}),
    Deed("POST", "/api/auth/passkeys/options", {}),
    Deed("GET", "/api/auth/passkeys"),
    Deed("POST", "/api/auth/passkeys", {"name": "Phone", "credential": {}, "state": "not one"}),
    Deed("PATCH", "/api/auth/passkeys/{passkey_id}", {"name": "Phone"}),
    Deed("DELETE", "/api/auth/passkeys/{passkey_id}"),
    Deed("GET", "/api/auth/security"),
    Deed("POST", "/api/auth/reauthenticate", {"password": PASSWORD}),
    Deed("POST", "/api/auth/device-codes", {}),
    Deed("POST", "/api/auth/device-codes/collect", {"id": "{device_id}", "secret": "{device_secret}"}),
    Deed("POST", "/api/auth/device-codes/preview", {"token": "{device_token}"}),
    Deed("POST", "/api/auth/device-codes/confirm", {"token": "{device_token}"}),
    Deed("POST", "/api/auth/device-codes/decline", {"token": "{device_token}"}),
    Deed("POST", "/api/auth/recovery-links", {}),
    Deed("POST", "/api/auth/digest/off", {"token": "x"}),
    Deed("POST", "/api/auth/recovery-links/preview", {"token": "{recovery_token}"}),
    Deed("POST", "/api/auth/recovery-links/claim", {"token": "{recovery_token}"}),
    Deed("GET", "/api/auth/email"),
    Deed("POST", "/api/auth/email", {"email": "n-{short}@example.org"}),
    Deed("POST", "/api/auth/email/resend", {}),
    Deed("POST", "/api/auth/email/verify", {"key": "{key}"}),
    Deed("POST", "/api/auth/email/verify/preview", {"key": "{key}"}),
    Deed("DELETE", "/api/auth/email"),
    Deed("POST", "/api/auth/password", {"password": PASSWORD}),
    Deed("POST", "/api/auth/password/reset", {"email": "n-{short}@example.org"}),
    Deed("POST", "/api/auth/password/reset/confirm", {"key": "{key}", "password": PASSWORD}),
    Deed("GET", "/api/auth/exports"),
    Deed("POST", "/api/auth/exports", {}, makes_archive=True),
    Deed("GET", "/api/auth/exports/{export_id}/archive"),
    Deed("POST", "/api/auth/account/deactivate", {}, ends_session=True),
    Deed("POST", "/api/auth/account/delete", {}, ends_session=True),
    Deed("DELETE", "/api/auth/account/delete"),
    Deed("GET", "/api/auth/.well-known/jwks.json"),
    Deed("GET", "/api/auth/invitations", query="?chat={chat_id}"),
    Deed("POST", "/api/auth/invitations", {"chat": "{chat_id}"}),
    Deed("POST", "/api/auth/invitations/preview", {"token": "{token}"}),
    Deed("POST", "/api/auth/invitations/opened", {"token": "{token}"}),
    Deed("POST", "/api/auth/invitations/decline", {"token": "{token}"}),
    Deed("POST", "/api/auth/invitations/report", {"token": "{token}", "reason": "spam"}),
    Deed("POST", "/api/auth/invitations/accept", {"token": "{token}", "display_name": "Somebody"}),
    Deed("GET", CODE),
    Deed("GET", f"{CODE}/link"),
    Deed("GET", f"{CODE}/qr.svg"),
    Deed("GET", f"{CODE}/qr.png"),
    Deed("GET", "/api/auth/knocks", query="?chat={chat_id}"),
    Deed("GET", f"{CODE}/knock"),
    Deed("DELETE", f"{CODE}/knock"),
    Deed("POST", f"{CODE}/refuse", {"user": "{user_id}"}),
    Deed("POST", f"{CODE}/approve", {"user": "{user_id}"}),
    Deed("POST", f"{CODE}/renew", {}),
    Deed("DELETE", CODE),
    Deed("POST", "/api/auth/client-errors", {"message": "oh"}),
    Deed("GET", "/api/auth/tokens"),
    Deed("POST", "/api/auth/tokens", {"name": "CI"}),
    Deed("POST", "/api/auth/tokens/exchange", {"token": "not one"}),
    Deed("DELETE", "/api/auth/tokens/{token_id}"),
    Deed("GET", "/api/auth/bots"),
    Deed("POST", "/api/auth/bots", {"username": "n-{short}"}),
    Deed("POST", "/api/auth/bots/{bot_id}/token", {}),
    Deed("DELETE", "/api/auth/bots/{bot_id}"),
    # user
    Deed("GET", "/api/users", query="?q=carol"),
    Deed("GET", "/api/users/me"),
    Deed("PATCH", "/api/users/me", {"display_name": "N {short}"}),
    Deed("PUT", "/api/users/me/picture", PICTURE),
    Deed("DELETE", "/api/users/me/picture"),
    Deed("GET", "/api/users/me/privacy"),
    Deed("PATCH", "/api/users/me/privacy", {"is_findable": True}),
    Deed("GET", "/api/users/me/preferences"),
    Deed("PATCH", "/api/users/me/preferences", {"theme": "dark"}),
    Deed("GET", "/api/users/me/notices"),
    Deed("POST", "/api/users/me/notices/{notice_id}/seen", {}),
    Deed("GET", "/api/users/push-key"),
    Deed("GET", "/api/users/me/push-subscriptions"),
    Deed("POST", "/api/users/me/push-subscriptions", {"endpoint": "ftp://push.example", "keys": {}}),
    Deed("POST", "/api/users/me/push-subscriptions/test", {}),
    Deed("DELETE", "/api/users/me/push-subscriptions"),
    Deed("GET", "/api/users/blocks"),
    Deed("PUT", "/api/users/blocks/{user_id}", {}),
    Deed("DELETE", "/api/users/blocks/{user_id}"),
    Deed("GET", "/api/users/{user_id}"),
    Deed("GET", "/api/users/{user_id}/picture", query="?v=none"),
    Deed("GET", "/api/users/presence", query="?ids={user_id}"),
    # oauth
    Deed("GET", "/api/oauth/providers"),
    Deed("POST", "/api/oauth/flows", {"provider": "{provider_id}", "process": "reauthenticate"}),
    Deed("GET", "/api/oauth/accounts"),
    Deed("POST", "/api/oauth/accounts", {"pending": "nothing"}),
    Deed("POST", "/api/oauth/pending", {"pending": "nothing"}),
    Deed("DELETE", "/api/oauth/accounts/{account_id}"),
    Deed("GET", "/oauth/{provider_id}/login/"),
    Deed("GET", "/oauth/{provider_id}/callback/"),
    # chat
    Deed("GET", "/api/chats"),
    Deed("POST", "/api/chats", {"kind": "group", "title": "Another"}),
    Deed("GET", "/api/chats/public"),
    Deed("GET", "/api/chats/search", query="?q=hello"),
    Deed("GET", CHAT),
    Deed("POST", f"{CHAT}/join", {}),
    Deed("GET", f"{CHAT}/picture", query="?v=none"),
    Deed("PUT", f"{CHAT}/picture", PICTURE),
    Deed("DELETE", f"{CHAT}/picture"),
    Deed("PATCH", f"{CHAT}/mine", {"favourite": True}),
    Deed("GET", f"{CHAT}/members"),
    Deed("GET", f"{CHAT}/membership-log"),
    Deed("GET", f"{CHAT}/messages"),
    Deed("GET", f"{CHAT}/messages/at", query="?date=2026-11-26"),
    Deed("GET", f"{CHAT}/changes", query="?since=0"),
    Deed("POST", f"{CHAT}/messages", {"client_id": UUID, "body": "hello"}),
    Deed("GET", f"{CHAT}/attachments"),
    Deed("POST", f"{CHAT}/attachments", {"name": "a.txt", "size": 3}),
    Deed("GET", f"{CHAT}/attachments/{{attachment_id}}"),
    Deed("GET", f"{CHAT}/attachments/{{attachment_id}}/content"),
    Deed("GET", f"{CHAT}/attachments/{{attachment_id}}/file", query="?token=not-one"),
    Deed("PATCH", f"{CHAT}/attachments/{{attachment_id}}", {"not": "bytes"}),
    Deed("DELETE", f"{CHAT}/attachments/{{attachment_id}}"),
    Deed("POST", f"{CHAT}/read", {"seq": 1}),
    Deed("GET", f"{CHAT}/messages/{{seq}}/reactions"),
    Deed("PUT", f"{CHAT}/messages/{{seq}}/reactions/{{emoji}}"),
    Deed("DELETE", f"{CHAT}/messages/{{seq}}/reactions/{{emoji}}"),
    Deed("GET", f"{CHAT}/messages/{{seq}}/edits"),
    Deed("POST", f"{CHAT}/unread", {"seq": 1}),
    Deed("GET", f"{CHAT}/messages/{{seq}}/thread"),
    Deed("POST", f"{CHAT}/messages/{{seq}}/forward", {"to": "{chat_id}", "client_id": UUID}),
    Deed("GET", f"{CHAT}/pins"),
    Deed("PUT", f"{CHAT}/messages/{{seq}}/pin"),
    Deed("DELETE", f"{CHAT}/messages/{{seq}}/pin"),
    Deed("DELETE", f"{CHAT}/messages/{{seq}}/link-preview"),
    Deed("POST", f"{CHAT}/clear"),
    Deed("PUT", f"{CHAT}/draft", {"body": "begun"}),
    Deed("DELETE", f"{CHAT}/draft"),
    Deed("GET", f"{CHAT}/held"),
    Deed("GET", f"{CHAT}/held/own"),
    Deed("DELETE", f"{CHAT}/held/{{held_id}}"),
    Deed("POST", f"{CHAT}/held/{{held_id}}/approve", {}),
    Deed("POST", f"{CHAT}/held/{{held_id}}/reject", {}),
    Deed("GET", "/api/chats/scheduled"),
    Deed("GET", f"{CHAT}/scheduled"),
    Deed("POST", f"{CHAT}/scheduled", {"client_id": UUID, "body": "later", "send_at": IN_A_YEAR}),
    Deed("PATCH", f"{CHAT}/scheduled/{{scheduled_id}}", {"body": "changed"}),
    Deed("POST", f"{CHAT}/scheduled/{{scheduled_id}}/send", {}),
    Deed("DELETE", f"{CHAT}/scheduled/{{scheduled_id}}"),
    Deed("GET", "/api/chats/reminders"),
    Deed("POST", f"{CHAT}/messages/{{seq}}/reminder", {"at": IN_A_YEAR}),
    Deed("DELETE", "/api/chats/reminders/{reminder_id}"),
    Deed("POST", f"{CHAT}/messages/{{seq}}/report", {"reason": "spam"}),
    Deed("GET", "/api/chats/reports/waiting"),
    Deed("POST", "/api/chats/reports", {"kind": "person", "id": "{user_id}", "reason": "spam"}),
    Deed("GET", f"{CHAT}/exports"),
    Deed("POST", f"{CHAT}/exports", {"format": "json"}),
    Deed("GET", f"{CHAT}/exports/{{export_id}}/archive"),
    Deed("GET", f"{CHAT}/incoming-hooks"),
    Deed("POST", f"{CHAT}/incoming-hooks", {"name": "CI"}),
    Deed("DELETE", f"{CHAT}/incoming-hooks/{{hook_id}}"),
    Deed("POST", f"{CHAT}/incoming-hooks/{{hook_id}}/secret", {}),
    Deed("GET", f"{CHAT}/outgoing-hooks"),
    Deed("POST", f"{CHAT}/outgoing-hooks", {"name": "CRM", "url": "https://hooks.example.org/"}),
    Deed("DELETE", f"{CHAT}/outgoing-hooks/{{hook_id}}"),
    Deed("POST", f"{CHAT}/outgoing-hooks/{{hook_id}}/secret", {}),
    Deed("POST", f"{CHAT}/outgoing-hooks/{{hook_id}}/on", {}),
    Deed("POST", "/api/chats/hooks/{token}", {"text": "hello"}),
    Deed("PATCH", f"{CHAT}/messages/{{seq}}", {"body": "changed"}),
    Deed("DELETE", f"{CHAT}/messages/{{seq}}"),
    Deed("POST", f"{CHAT}/members", {"user": "{user_id}"}),
    Deed("PATCH", f"{CHAT}/members/{{user_id}}", {"role": "admin"}),
    Deed("GET", f"{CHAT}/banned"),
    Deed("DELETE", f"{CHAT}/banned/{{user_id}}"),
    Deed("POST", f"{CHAT}/transfer", {"user": "{user_id}"}),
    Deed("DELETE", f"{CHAT}/members/{{user_id}}"),
    Deed("PATCH", CHAT, {"title": "Renamed"}),
    Deed("DELETE", CHAT),
    # all services'
    Deed("GET", "/api/schema/"),
    Deed("GET", "/api/schema/socket/"),
    Deed("GET", "/api/docs"),
    Deed("GET", "/api/docs/"),
    # pages
    Deed("GET", "/"),
    Deed("POST", "/start", {"display_name": "Somebody"}),
    Deed("GET", "/login"),
    Deed("POST", "/login", {"login": "{carol}", "password": PASSWORD}, ends_session=True),
    Deed("GET", "/login/device"),
    Deed("POST", "/login/device", {"id": "{device_id}", "secret": "{device_secret}"}),
    Deed("GET", "/device/{device_token}"),  # after a change, so that the code is fresh
    Deed("POST", "/device/{device_token}", {"deed": "confirm"}),
    Deed("GET", "/digest/off/{digest_token}"),
    Deed("POST", "/digest/off/{digest_token}", {}),
    Deed("GET", "/recover/{recovery_token}"),
    Deed("POST", "/recover/{recovery_token}", {}),
    Deed("GET", "/login/second-factor"),
    Deed("POST", "/login/second-factor", {"code": "000000"}),
    Deed("POST", "/login/passkey", {"credential": "none", "state": "not one"}),
    Deed("GET", "/register"),
    Deed("POST", "/register", {"username": "n-{short}", "password": PASSWORD}, ends_session=True),
    Deed("POST", "/register/passkey", {"credential": "none", "state": "not one"}),
    Deed("GET", "/logout"),
    Deed("POST", "/logout", {}, ends_session=True),
    Deed("GET", "/profile"),
    Deed("POST", "/profile", {"display_name": "N {short}"}),
    Deed("POST", "/profile/picture", {"remove": "1"}),
    Deed("GET", "/people/{user_id}"),
    Deed("POST", "/people/{user_id}/write", {}),
    Deed("POST", "/people/{user_id}/block", {}),
    Deed("POST", "/people/{user_id}/unblock", {}),
    Deed("GET", "/people/{user_id}/report"),
    Deed("POST", "/people/{user_id}/report", {"reason": "spam"}),
    Deed("GET", "/scheduled"),
    Deed("GET", "/reminders"),
    Deed("POST", "/reminders/{reminder_id}/drop", {}),
    Deed("GET", "/settings"),
    Deed("GET", "/settings/appearance"),
    Deed("POST", "/settings/appearance", {"theme": "dark"}),
    Deed("GET", "/settings/language"),
    Deed("POST", "/settings/language", {"language": ""}),
    Deed("GET", "/settings/notifications"),
    Deed("POST", "/settings/notifications", {"sounds": "1"}),
    Deed("GET", "/settings/privacy"),
    Deed("POST", "/settings/privacy", {"who_may_write": "everybody"}),
    Deed("GET", "/settings/blocked"),
    Deed("GET", "/security"),
    Deed("GET", "/security/another-device"),
    Deed("GET", "/security/recovery-link"),
    Deed("POST", "/security/recovery-link", {}),
    Deed("GET", "/security/email"),
    Deed("POST", "/security/email", {"email": "n-{short}@example.org"}),
    Deed("POST", "/security/email/resend", {}),
    Deed("POST", "/security/email/give-up", {}),
    Deed("GET", "/security/password"),
    Deed("POST", "/security/password", {"password": PASSWORD}),
    Deed("GET", "/verify/{key}"),
    Deed("POST", "/verify/{key}", {}),
    Deed("GET", "/forgot"),
    Deed("POST", "/forgot", {"email": "n-{short}@example.org"}),
    Deed("GET", "/reset/{key}"),
    Deed("POST", "/reset/{key}", {"password": PASSWORD}),
    Deed("GET", "/security/two-step"),
    Deed("GET", "/security/two-step/app"),
    Deed("POST", "/security/two-step/app", {"state": "not one", "code": "000000"}),
    Deed("GET", "/security/two-step/app/remove"),
    Deed("POST", "/security/two-step/app/remove", {}),
    Deed("GET", "/security/two-step/codes"),
    Deed("POST", "/security/two-step/codes", {}),
    Deed("GET", "/security/passkeys"),
    Deed("POST", "/security/passkeys", {"name": "Phone", "credential": "none", "state": "not one"}),
    Deed("POST", "/security/passkeys/{passkey_id}/rename", {"name": "Phone"}),
    Deed("POST", "/security/passkeys/{passkey_id}/remove", {}),
    Deed("GET", "/security/data"),
    Deed("POST", "/security/data/export", {}, makes_archive=True),
    Deed("GET", "/security/data/archives/{export_id}"),
    Deed("POST", "/security/data/deactivate", {}, ends_session=True),
    Deed("GET", "/security/data/delete"),
    Deed("POST", "/security/data/delete", {"messages": "keep"}, ends_session=True),
    Deed("GET", "/welcome-back"),
    Deed("POST", "/security/data/keep", {}),
    Deed("GET", "/goodbye"),
    Deed("GET", "/reauthenticate"),
    Deed("POST", "/reauthenticate", {"password": PASSWORD}),
    Deed("POST", "/reauthenticate/elsewhere", {"provider": "{provider_id}"}),
    Deed("GET", "/security/linked"),
    Deed("POST", "/security/linked/add", {"provider": "{provider_id}"}),
    Deed("GET", "/security/linked/confirm"),
    Deed("POST", "/security/linked/confirm", {"deed": "link"}),
    Deed("POST", "/security/linked/{account_id}/unlink", {}),
    Deed("GET", "/settings/tokens"),
    Deed("POST", "/settings/tokens", {"name": "CI", "scope": "read", "days": "7"}),
    Deed("POST", "/settings/tokens/{token_id}/revoke", {}),
    Deed("GET", "/settings/bots"),
    Deed("POST", "/settings/bots", {"username": "n-{short}"}),
    Deed("POST", "/settings/bots/{bot_id}/token", {}),
    Deed("POST", "/settings/bots/{bot_id}/delete", {}),
    Deed("GET", "/sessions"),
    Deed("POST", "/sessions/end-others", {}),
    Deed("GET", "/notices"),
    Deed("POST", "/notices/{notice_id}/seen", {}),
    Deed("POST", "/sessions/{session_id}/end", {}, ends_session=True),
    Deed("GET", "/search", query="?q=hello"),
    Deed("GET", "/discover"),
    Deed("POST", "/discover/{chat_id}/join", {}),
    Deed("GET", "/chats"),
    Deed("GET", PAGE),
    Deed("POST", f"{PAGE}/messages", {"client_id": UUID, "body": "hello"}),
    Deed("POST", f"{PAGE}/picture", {"remove": "1"}),
    Deed("POST", f"{PAGE}/clear", {}),
    Deed("POST", f"{PAGE}/read", {"seq": "1"}),
    Deed("GET", f"{PAGE}/messages/{{seq}}/react"),
    Deed("POST", f"{PAGE}/messages/{{seq}}/react", {"give": "👍"}),
    Deed("GET", f"{PAGE}/messages/{{seq}}/reply"),
    Deed("POST", f"{PAGE}/messages/{{seq}}/reply", {"client_id": UUID, "body": "hello", "reply_to": "1"}),
    Deed("GET", f"{PAGE}/messages/{{seq}}/edit"),
    Deed("POST", f"{PAGE}/messages/{{seq}}/edit", {"body": "changed"}),
    Deed("GET", f"{PAGE}/threads/{{seq}}"),
    Deed("POST", f"{PAGE}/threads/{{seq}}", {"client_id": UUID, "body": "hello"}),
    Deed("GET", f"{PAGE}/messages/{{seq}}/forward"),
    Deed("POST", f"{PAGE}/messages/{{seq}}/forward", {"client_id": UUID, "to": "{chat_id}"}),
    Deed("GET", f"{PAGE}/pins"),
    Deed("GET", f"{PAGE}/messages/{{seq}}/pin"),
    Deed("POST", f"{PAGE}/messages/{{seq}}/pin", {}),
    Deed("GET", f"{PAGE}/messages/{{seq}}/unpin"),
    Deed("POST", f"{PAGE}/messages/{{seq}}/unpin", {}),
    Deed("POST", f"{PAGE}/messages/{{seq}}/remove-preview", {}),
    Deed("GET", f"{PAGE}/messages/{{seq}}/remind"),
    Deed("POST", f"{PAGE}/messages/{{seq}}/remind", {"when": "hour"}),
    Deed("GET", f"{PAGE}/messages/{{seq}}/report"),
    Deed("POST", f"{PAGE}/messages/{{seq}}/report", {"reason": "spam"}),
    Deed("GET", f"{PAGE}/held"),
    Deed("POST", f"{PAGE}/held/{{held_id}}/approve", {}),
    Deed("POST", f"{PAGE}/held/{{held_id}}/reject", {}),
    Deed("POST", f"{PAGE}/held/{{held_id}}/drop", {}),
    Deed("GET", f"{PAGE}/scheduled"),
    Deed("POST", f"{PAGE}/schedule", {"body": "later", "when": "hour"}),
    Deed("GET", f"{PAGE}/scheduled/{{scheduled_id}}"),
    Deed("POST", f"{PAGE}/scheduled/{{scheduled_id}}", {"body": "later", "when": "hour"}),
    Deed("POST", f"{PAGE}/scheduled/{{scheduled_id}}/send", {}),
    Deed("POST", f"{PAGE}/scheduled/{{scheduled_id}}/cancel", {}),
    Deed("GET", f"{PAGE}/messages/{{seq}}/unread"),
    Deed("POST", f"{PAGE}/messages/{{seq}}/unread", {}),
    Deed("GET", f"{PAGE}/messages/{{seq}}/delete"),
    Deed("POST", f"{PAGE}/messages/{{seq}}/delete", {}),
    Deed("GET", f"{PAGE}/files"),
    Deed("GET", f"{PAGE}/settings"),
    Deed("GET", f"{PAGE}/members"),
    Deed("POST", f"{PAGE}/mine", {"notify": "all", "mute": "", "favourite": "1"}),
    Deed("POST", f"{PAGE}/people", {"user": "{user_id}"}),
    Deed("POST", f"{PAGE}/banned/{{user_id}}", {}),
    Deed("GET", f"{PAGE}/members/{{user_id}}", query="?deed=ban"),
    Deed("POST", f"{PAGE}/members/{{user_id}}", {"deed": "admin"}),
    Deed("POST", f"{PAGE}/settings", {"title": "Renamed", "topic": "", "slow_mode_s": "0"}),
    Deed("POST", f"{PAGE}/leave", {}),
    Deed("POST", f"{PAGE}/close", {}),
    Deed("GET", f"{PAGE}/export"),
    Deed("POST", f"{PAGE}/export", {"format": "html"}),
    Deed("GET", f"{PAGE}/integrations"),
    Deed("POST", f"{PAGE}/integrations/incoming", {"name": "CI"}),
    Deed("POST", f"{PAGE}/integrations/outgoing", {"target": "CRM", "url": "https://hooks.example.org/"}),
    Deed("POST", f"{PAGE}/integrations/{{hook_id}}", {"deed": "delete_incoming"}),
    Deed("GET", f"{PAGE}/invitations"),
    Deed("POST", f"{PAGE}/invitations", {"ttl": "900", "uses": "1"}),
    Deed("GET", CODE_PAGE),
    Deed("POST", f"{CODE_PAGE}/renew", {}),
    Deed("POST", f"{CODE_PAGE}/revoke", {}),
    Deed("POST", f"{CODE_PAGE}/evict", {}),
    Deed("GET", f"{CODE_PAGE}/poster"),
    Deed("GET", "/me/code"),
    Deed("POST", "/me/code", {"ttl": "900", "uses": "1"}),
    Deed("GET", "/me/code/{invitation_id}"),
    Deed("GET", "/me/code/{invitation_id}/poster"),
    Deed("POST", "/me/code/{invitation_id}/renew", {}),
    Deed("POST", "/me/code/{invitation_id}/revoke", {}),
    Deed("POST", "/knocks/{invitation_id}/refuse", {"user": "{user_id}"}),
    Deed("POST", "/knocks/{invitation_id}/approve", {"user": "{user_id}"}),
    Deed("GET", "/waiting/{invitation_id}"),
    Deed("POST", "/waiting/{invitation_id}", {}),
    Deed("GET", "/scan"),
    Deed("GET", "/waiting/{invitation_id}/report"),
    Deed("POST", "/waiting/{invitation_id}/report", {"reason": "spam"}),
    Deed("GET", "/join/{token}/report"),
    Deed("POST", "/join/{token}/report", {"reason": "spam"}),
    Deed("GET", "/join/{token}"),
    Deed("POST", "/join/{token}", {"display_name": "Somebody"}),
    Deed("GET", "/status"),
    Deed("GET", "/offline"),
    Deed("GET", "/service-worker.js"),
    Deed("GET", "/nowhere"),
    # admin
    Deed("GET", "/admin"),
    Deed("GET", "/admin/"),
    Deed("GET", "/admin/chat_svc/chat/"),
    Deed("GET", "/admin/held/"),
    Deed("GET", "/admin/filter/"),
    Deed("POST", "/admin/logout/", {}, ends_session=True),
]


class Cast:
    """The people, who stay the same for as long as they have their sessions."""

    def __init__(self, town: Town, house: House) -> None:
        self.town, self.house = town, house
        self.people = {"nobody": town.nobody()}
        self.keys: dict[str, Authenticator] = {}  # the passkeys of those who have one, by login
        self.logins = {name: f"{name}-{uuid4().hex[:8]}" for name in ("owner", "member", "other", "carol", "staff")}

    async def gather(self) -> None:
        # The other one so that `staff` is never the only administrator, who may not go.
        for login in (self.logins["staff"], f"boss-{uuid4().hex[:8]}"):
            await asyncio.to_thread(self.house.create_admin, login, PASSWORD)
        for name in self.logins:
            if name not in ("staff", "owner"):
                await self.register(name)
        await self.sign_in()
        staff = self.people["staff"]  # who comes into the admin by a second factor
        self.keys[staff.name] = await add_passkey(staff)

    async def register(self, name: str) -> None:
        account = {"username": self.logins[name], "password": PASSWORD, "display_name": name.title()}
        await self.town.nobody().must("POST", "/api/auth/register", account)

    async def sign_in(self) -> None:
        """Everybody, in a session to spare; the owner, who makes the scenes, as somebody new, whom no limit meets."""
        self.logins["owner"] = f"owner-{uuid4().hex[:8]}"
        await self.register("owner")
        people = await asyncio.gather(*map(self.signs_in, self.logins.values()))
        self.people |= dict(zip(self.logins, people, strict=True))

    async def signs_in(self, login: str) -> Person:
        person = self.town.nobody()
        if login in self.keys:
            answer = await answer_of(person, self.keys[login])
            person.signed_in_by(await person.must("POST", "/api/auth/login/passkey", answer))
        else:
            person.signed_in_by(await person.must("POST", "/api/auth/login", {"login": login, "password": PASSWORD}))
        person.name = login
        return person

    async def scene(self) -> dict[str, str]:
        """A chat of the owner's with member, carol and guest in it; what the places in a path stand for."""
        owner, carol = self.people["owner"], self.people["carol"]
        others = [self.people[name].id for name in ("member", "carol")]
        chat = str((await owner.must("POST", "/api/chats", {"kind": "group", "title": "Tea", "members": others}))["id"])
        invitation = await owner.invite(chat, max_uses=25)
        self.people["guest"] = await self.town.guest_by_code("Guest", invitation["token"])
        await owner.write(chat, "hello")
        sessions = await owner.must("GET", "/api/auth/sessions")
        passkeys = (await owner.must("GET", "/api/auth/passkeys"))["items"]
        if not passkeys:
            self.keys[owner.name] = await add_passkey(owner)
            passkeys = (await owner.must("GET", "/api/auth/passkeys"))["items"]
        return {
            "chat_id": chat,
            "user_id": carol.id,
            "carol": carol.name,
            "seq": "1",
            "notice_id": "1",
            "emoji": "👍",
            "attachment_id": str(uuid4()),
            "invitation_id": invitation["id"],
            "token": invitation["token"],
            "session_id": next(item["id"] for item in sessions["items"] if item["current"]),
            "passkey_id": str(passkeys[0]["id"]),
            "key": "of-no-letter",
            "provider_id": "example",
            "account_id": str(uuid4()),
            "export_id": str(uuid4()),
            # Nobody has any of these here.
            **{f"{name}_id": str(uuid4()) for name in ("token", "bot", "hook", "scheduled", "reminder", "held")},
            "digest_token": "none",
        }

    async def secrets(self, deed: Deed) -> dict[str, str]:
        """Those of other devices, which are soon over: fresh for each deed that names one, and made for no other."""
        if "{device_" in deed.text:
            device = await self.town.nobody().must("POST", "/api/auth/device-codes")
            token = device["url"].rpartition("/")[2]
            return {"device_id": device["id"], "device_secret": device["secret"], "device_token": token}
        if "{recovery_token}" in deed.text:
            link = await self.people["guest"].must("POST", "/api/auth/recovery-links")
            return {"recovery_token": link["url"].rpartition("/")[2]}
        return {}


def filled(text: Any, places: Mapping[str, str]) -> Any:
    if isinstance(text, Mapping):
        return {name: filled(value, places) for name, value in text.items()}
    return text.format(**places, uuid=uuid4(), short=uuid4().hex[:8]) if isinstance(text, str) else text


async def ask(person: Person, deed: Deed, places: Mapping[str, str]) -> tuple[int, Mapping[str, str]]:
    path, body = filled(deed.path + deed.query, places), filled(deed.body, places)
    return await (visit if deed.is_page else call)(person, deed.method, path, body)


async def ask_all(cast: Cast, deed: Deed, places: Mapping[str, str]) -> dict[str, tuple[int, Mapping[str, str]]]:
    """In the order of the roles; who only looks takes nothing away from anybody, so all look at once."""
    if deed.method == "GET":
        return dict(
            zip(ROLES, await asyncio.gather(*(ask(cast.people[role], deed, places) for role in ROLES)), strict=True)
        )
    return {role: await ask(cast.people[role], deed, places) for role in ROLES}


async def made(person: Person) -> None:
    """Returns when none of the person's archives is being made."""
    async with asyncio.timeout(WITHIN_S):
        while any(item["status"] == "waiting" for item in (await person.get("/api/auth/exports")).body["items"]):
            await asyncio.sleep(0.1)


OPTIONS: dict[str, Any] = {"allow_redirects": False, "timeout": TIMEOUT}


async def call(person: Person, method: str, path: str, body: Any) -> tuple[int, Mapping[str, str]]:
    """As a program does."""
    headers = {"X-Forwarded-For": person.address}
    if person.token:
        headers["Authorization"] = f"Bearer {person.token}"
    sent: dict[str, Any] = {"json": body}
    if isinstance(body, bytes):
        sent, headers["Content-Type"] = {"data": body}, "image/png"
    async with person.http.request(method, person.base + path, headers=headers, **sent, **OPTIONS) as answer:
        await answer.read()
        return answer.status, answer.headers


async def csrf_of(person: Person) -> tuple[str, str]:
    """The cookie and a form's token, which a browser keeps from page to page."""
    if person.address not in CSRF:
        headers = {"X-Forwarded-For": person.address}
        async with person.http.get(f"{person.base}/offline", headers=headers, **OPTIONS) as page:
            cookie = page.cookies[CSRF_COOKIE].value
            CSRF[person.address] = cookie, TOKEN.findall(await page.text())[0]
    return CSRF[person.address]


CSRF_COOKIE = "csrftoken"
CSRF: dict[str, tuple[str, str]] = {}  # by the address of a person


async def visit(person: Person, method: str, path: str, form: Any) -> tuple[int, Mapping[str, str]]:
    """As a browser does, with the cookies of whoever is signed in."""
    csrf_cookie, csrf_token = await csrf_of(person)
    cookies = {CSRF_COOKIE: csrf_cookie, **({"abdre_access": person.token} if person.token else {})}
    headers = {"X-Forwarded-For": person.address, "Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
    jar = aiohttp.CookieJar(unsafe=True)  # that is, also for an address without a name
    async with aiohttp.ClientSession(person.base, cookies=cookies, cookie_jar=jar, headers=headers) as browser:
        if method == "POST":
            form = {**form, "csrfmiddlewaretoken": csrf_token}
        async with browser.request(method, path, data=form, **OPTIONS) as answer:
            await answer.read()
            return answer.status, answer.headers


Row = dict[str, int]


@pytest.fixture
async def cast(town: Town, house: House) -> Cast:
    cast = Cast(town, house)
    await cast.gather()
    return cast


@pytest.mark.http
@pytest.mark.timeout(300)  # some two thousand requests, and a scene of people for each that uses something up
async def test_every_route_answers_everybody_as_the_table_says_and_with_all_its_headers(cast: Cast):
    found: dict[str, Row] = {}
    faults: list[str] = []

    places: dict[str, str] = {}
    for deed in DEEDS:
        if deed.uses_up or not places:
            places = await cast.scene()
        found[deed.name] = row = {}
        answers = await ask_all(cast, deed, {**places, **await cast.secrets(deed)})
        for role, (status, headers) in answers.items():
            row[role] = status
            is_page = deed.is_page and row[role] // 100 != 3  # redirects like these are kept by none
            faults += [f"{role} {deed.name}: {fault}" for fault in missing(headers, is_page=is_page)]
        if deed.uses_up:
            places = {}
        if deed.ends_session:
            await cast.sign_in()
        if deed.makes_archive:
            await asyncio.gather(*(made(person) for person in cast.people.values() if person.token))
    keep(found)

    assert faults == []
    assert found == intended()


def missing(headers: Mapping[str, str], *, is_page: bool) -> list[str]:
    """What an answer lacks of the headers that each has."""
    policy = headers.get("Content-Security-Policy", "")
    wanted = {
        "a policy": "default-src 'none'" in policy and "frame-ancestors 'none'" in policy,
        "a policy without unsafe-*": "unsafe-" not in policy,
        "scripts by nonce or from here": bool(re.search(r"script-src ('self'|'nonce-[\w-]{22}');", policy)),
        "nosniff": headers.get("X-Content-Type-Options") == "nosniff",
        "no frames": headers.get("X-Frame-Options") == "DENY",
        "a referrer policy": headers.get("Referrer-Policy", "").startswith("strict-origin"),
        "a permissions policy": "geolocation=()" in headers.get("Permissions-Policy", ""),
        "no other site's embedding": headers.get("Cross-Origin-Resource-Policy") == "same-origin",
        "a request id": bool(headers.get("X-Request-ID")),
        "no server's name": "Server" not in headers,
    }
    if is_page and headers.get("Content-Type", "").startswith("text/html"):
        wanted["kept by no cache"] = bool({"no-store", "no-cache"} & set(headers.get("Cache-Control", "").split(", ")))
    return [name for name, is_there in wanted.items() if not is_there]


def intended() -> dict[str, Row]:
    rows = [line.strip("|").split("|") for line in TABLE.read_text().splitlines() if line.startswith("| `")]
    return {cells[0].strip(" `"): dict(zip(ROLES, map(int, cells[1:]), strict=True)) for cells in rows}


def keep(found: Mapping[str, Row]) -> None:
    head = ["| route | " + " | ".join(ROLES) + " |", "|---|" + "---|" * len(ROLES)]
    lines = [f"| `{name}` | " + " | ".join(str(row[role]) for role in ROLES) + " |" for name, row in found.items()]
    FOUND.parent.mkdir(exist_ok=True)
    FOUND.write_text("\n".join([*head, *lines, ""]))
