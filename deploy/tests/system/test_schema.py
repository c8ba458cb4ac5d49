"""Each operation of the API's schema is done once; `deploy.tests.people` holds what is asked and answered to it."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from abdre.tests.authenticator import Authenticator
from abdre.tests.browsers import Browser
from abdre.tests.totp import code_at
from deploy.tests import openapi
from deploy.tests.conftest import House
from deploy.tests.mailbox import Mailbox
from deploy.tests.passkeys import add_passkey, answer_of
from deploy.tests.people import PICTURE, WITHIN_S, Answer, Person, Town
from deploy.tests.provider import Provider, Visitor

pytestmark = pytest.mark.split

Done = set[tuple[str | None, str]]
# One needs a letter that is written an hour after a mention, one a deed of the staff, who act by pages alone;
# auth_svc/tests/test_digests.py and user_svc/tests/test_notices.py hold them to the schema.
ELSEWHERE: Done = {("/api/auth/digest/off", "post"), ("/api/users/me/notices/{notice_id}/seen", "post")}


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> Done:
    """What was asked for and done, by (address in the schema, method)."""
    done: Done = set()
    ask = Person.ask

    async def noted(person: Person, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        answer = await ask(person, method, path, body, **headers)
        assert answer.status < 400, f"{method} {path}: {answer.status} {answer.body}"
        done.add((openapi.path_of(path.partition("?")[0]), method.lower()))
        return answer

    monkeypatch.setattr(Person, "ask", noted)
    return done


async def test_every_operation_answers_as_the_schema_says(
    town: Town, house: House, done: Done, mailbox: Mailbox, provider: Provider
):
    ada = await town.guest("Ada")
    await become_a_member(ada)
    bob = await town.member("bob")
    await use_second_factors(town)
    await sign_up_by_passkey(town)
    await talk(ada, bob)
    staff = await staff_of(town, house)
    await look_at_traces(ada)
    await staff.get("/api/chats/reports/waiting")
    chat = f"/api/chats/{await ada.start_chat('Plans')}"
    await plan(ada, chat)
    await report(ada, await town.member("eve"), chat, staff)
    await hold(town, ada, chat)
    await invite(town, ada)
    await look_at_people(ada, bob)
    await report_an_error(town)
    await let_programs_in(town)
    await come_in_elsewhere(town, ada)
    await change_address_and_password(town, ada, mailbox)
    await log_in_by_providers(town, provider)
    await end_sessions(town, ada)
    await leave(town, bob)

    told = {(path, method) for path, methods in openapi.SCHEMA["paths"].items() for method in methods}
    assert told - done == ELSEWHERE


async def become_a_member(guest: Person) -> None:
    account = {"username": f"ada-{uuid4().hex[:8]}", "password": uuid4().hex}
    guest.signed_in_by((await guest.post("/api/auth/register", account)).body)
    await guest.renew()
    guest.token = ""
    login = {"login": account["username"], "password": account["password"], "remember": False}
    guest.signed_in_by((await guest.post("/api/auth/login", login)).body)
    await guest.get("/api/auth/security")
    await guest.post("/api/auth/reauthenticate", {"password": account["password"]})
    await guest.get("/api/auth/.well-known/jwks.json")


async def use_second_factors(town: Town) -> None:
    account = {"username": f"carol-{uuid4().hex[:8]}", "password": uuid4().hex}
    carol = town.nobody()
    carol.signed_in_by((await carol.post("/api/auth/register", account)).body)
    begun = (await carol.post("/api/auth/totp/options")).body
    code = code_at(begun["secret"], time.time())
    await carol.post("/api/auth/totp", {"state": begun["state"], "code": code})
    codes = (await carol.post("/api/auth/recovery-codes")).body["recovery_codes"]
    step = {"challenge": await challenge_for(town, account), "code": codes[0]}
    await town.nobody().post("/api/auth/login/second-factor", step)
    passkey = await add_passkey(carol)
    [item] = (await carol.get("/api/auth/passkeys")).body["items"]
    await carol.patch(f"/api/auth/passkeys/{item['id']}", {"name": "Old key"})
    await carol.post("/api/auth/reauthenticate", await answer_of(carol, passkey))
    await carol.post("/api/auth/login/passkey", await answer_of(carol, passkey))
    await carol.delete(f"/api/auth/passkeys/{item['id']}")
    await carol.delete("/api/auth/totp")


async def challenge_for(town: Town, account: dict[str, str]) -> str:
    login = {"login": account["username"], "password": account["password"]}
    async with town.http.post(f"{town.base}/api/auth/login", json=login) as answer:
        refused = await answer.json()
    assert openapi.problems("POST", "/api/auth/login", answer.status, answer.headers, refused) == []
    return str(refused["challenge"])


async def sign_up_by_passkey(town: Town) -> None:
    dora, path = town.nobody(), "/api/auth/register/passkey"
    asked = (await dora.post(f"{path}/options", {"username": f"dora-{uuid4().hex[:8]}"})).body
    credential = Authenticator(dora.base).create(asked["options"])
    await dora.post(path, {"credential": credential, "state": asked["state"]})


async def send_a_file(ada: Person, chat: str) -> None:
    upload = (await ada.post(f"{chat}/attachments", {"name": "a.txt", "size": 9})).body["id"]
    path = f"{chat}/attachments/{upload}"
    await ada.get(path)
    length = {"upload_offset": "0", "upload_length": "5"}
    await ada.ask("PATCH", path, b"hello", **length, content_type="application/octet-stream")
    attached = {"client_id": str(uuid4()), "body": "", "attachments": [upload]}
    await ada.post(f"{chat}/messages", attached)
    await ada.get(f"{chat}/attachments?limit=1&kind=file")
    signed = (await ada.get(f"{path}/content?variant=file")).headers["Location"]
    assert (await ada.get(signed)).body == "hello"
    other = (await ada.post(f"{chat}/attachments", {"name": "b.txt", "size": 5})).body["id"]
    await ada.delete(f"{chat}/attachments/{other}")


async def talk(ada: Person, bob: Person) -> None:
    facts = {"kind": "group", "title": "Tea", "members": []}
    chat = f"/api/chats/{(await ada.post('/api/chats', facts)).body['id']}"
    await ada.post("/api/chats", {"kind": "direct", "members": [bob.id]})
    await ada.post(f"{chat}/members", {"user": bob.id})
    await ada.patch(f"{chat}/members/{bob.id}", {"role": "admin"})
    await bob.get(f"{chat}/members")
    await bob.get(f"{chat}/membership-log?after=0")
    message = {"client_id": str(uuid4()), "body": "hello", "reply_to": None}
    assert [(await bob.post(f"{chat}/messages", message)).status for _ in range(2)] == [201, 200]
    await bob.patch(f"{chat}/messages/1", {"body": "hello, you"})
    await ada.get("/api/chats/search?q=hello&limit=10")
    await ada.delete(f"{chat}/messages/1")
    await bob.patch(chat, {"title": "Coffee"})  # after the messages: it is one of the system's itself
    await ada.get(f"{chat}/messages?before=2&limit=10")
    await ada.get(f"{chat}/messages?around=1&limit=10")
    await ada.get(f"{chat}/messages/at?date=2026-11-26")
    await ada.get(f"{chat}/changes?since=1&limit=10")
    await ada.get(f"{chat}/changes?since=1000000")
    await ada.post(f"{chat}/read", {"seq": 1})
    await ada.post(f"{chat}/unread", {"seq": 1})
    await ada.post(f"{chat}/clear", {})
    await send_a_file(ada, chat)
    await integrate(ada, chat)
    picture = (await ada.ask("PUT", f"{chat}/picture", PICTURE)).body["picture"]
    await ada.get(f"{chat}/picture?v={picture}&size=64")
    await ada.delete(f"{chat}/picture")
    await ada.patch(f"{chat}/mine", {"notify": "mentions", "pinned": True})
    await ada.get("/api/chats?limit=1")
    await ada.get(f"/api/chats?with={bob.id}")
    await ada.get(chat)
    await ada.patch(chat, {"is_public": True})
    await ada.delete(f"{chat}/members/{bob.id}?ban=true")
    await ada.get(f"{chat}/banned")
    await ada.delete(f"{chat}/banned/{bob.id}")
    await bob.get("/api/chats/public?q=coffee")
    assert [(await bob.post(f"{chat}/join")).status for _ in range(2)] == [201, 200]
    await ada.post(f"{chat}/transfer", {"user": bob.id})
    await bob.delete(chat)


async def staff_of(town: Town, house: House) -> Person:
    """Somebody of the staff who has shown a second factor."""
    name, password, staff = f"staff-{uuid4().hex[:8]}", uuid4().hex, town.nobody()
    await asyncio.to_thread(house.create_admin, name, password)
    staff.signed_in_by((await staff.post("/api/auth/login", {"login": name, "password": password})).body)
    passkey = await add_passkey(staff)
    staff.signed_in_by((await staff.post("/api/auth/login/passkey", await answer_of(staff, passkey))).body)
    return staff


async def look_at_traces(ada: Person) -> None:
    chat = await ada.start_chat("Tea")
    message = f"/api/chats/{chat}/messages/1"
    await ada.post(f"/api/chats/{chat}/messages", {"client_id": str(uuid4()), "body": "**hello**"})
    await ada.patch(message, {"body": "hello"})
    await ada.post(f"/api/chats/{chat}/messages", {"client_id": str(uuid4()), "body": "you too", "thread": 1})
    await ada.get(f"{message}/thread?after=1&limit=10")
    forward = {"to": chat, "client_id": str(uuid4())}
    assert [(await ada.post(f"{message}/forward", forward)).status for _ in range(2)] == [201, 200]
    await ada.ask("PUT", f"{message}/pin")
    await ada.get(f"/api/chats/{chat}/pins")
    await ada.ask("DELETE", f"{message}/pin")
    await ada.delete(f"{message}/link-preview")
    await ada.ask("PUT", f"{message}/reactions/{quote('👍')}")
    await ada.get(f"{message}/reactions")
    await ada.delete(f"{message}/reactions/{quote('👍')}")


async def plan(ada: Person, chat: str) -> None:
    """What is begun, sent later, and not to be forgotten."""
    await ada.post(f"{chat}/messages", {"client_id": str(uuid4()), "body": "hello"})
    await ada.ask("PUT", f"{chat}/draft", {"body": "begun", "reply_to": 1})
    await ada.get(chat)
    await ada.delete(f"{chat}/draft")
    in_an_hour = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    later = {"client_id": str(uuid4()), "body": "later", "send_at": in_an_hour}
    assert [(await ada.post(f"{chat}/scheduled", later)).status for _ in range(2)] == [201, 200]
    waiting = (await ada.get(f"{chat}/scheduled")).body["items"][0]
    await ada.patch(f"{chat}/scheduled/{waiting['id']}", {"body": "changed"})
    await ada.get("/api/chats/scheduled")
    await ada.post(f"{chat}/scheduled/{waiting['id']}/send")
    other = (await ada.post(f"{chat}/scheduled", {**later, "client_id": str(uuid4())})).body
    await ada.delete(f"{chat}/scheduled/{other['id']}")
    reminder = (await ada.post(f"{chat}/messages/1/reminder", {"at": in_an_hour})).body
    await ada.get("/api/chats/reminders")
    await ada.delete(f"/api/chats/reminders/{reminder['id']}")


async def hold(town: Town, ada: Person, chat: str) -> None:
    """A guest's links wait: one is let through, one is not, one is taken back."""
    await ada.patch(chat, {"guest_links": "held"})
    invitation = await ada.invite(chat.rpartition("/")[2])
    guest = await town.guest_by_code("Guest", invitation["token"])
    link = {"client_id": str(uuid4()), "body": "https://example.org"}
    assert [(await guest.post(f"{chat}/messages", link)).status for _ in range(2)] == [202, 202]
    others = [(await guest.post(f"{chat}/messages", {**link, "client_id": str(uuid4())})).body["id"] for _ in range(2)]
    waiting = (await ada.get(f"{chat}/held")).body["items"]
    assert (await guest.get(f"{chat}/held/own")).body["items"] == waiting
    assert (await guest.get(f"{chat}/messages")).body["held"] == waiting
    assert (await ada.post(f"{chat}/held/{waiting[0]['id']}/approve")).status == 200
    assert (await ada.post(f"{chat}/held/{others[0]}/reject")).status == 204
    assert (await guest.delete(f"{chat}/held/{others[1]}")).status == 204


async def report(ada: Person, other: Person, chat: str, staff: Person) -> None:
    """Somebody, twice, and what they have said, of which the staff reads what it said before."""
    await ada.post(f"{chat}/members", {"user": other.id})
    said = (await other.post(f"{chat}/messages", {"client_id": str(uuid4()), "body": "spam"})).body["seq"]
    path = f"{chat}/messages/{said}/report"
    await other.patch(f"{chat}/messages/{said}", {"body": "no spam"})
    assert [(await ada.post(path, {"reason": "spam"})).status for _ in range(2)] == [201, 200]
    assert [edit["body"] for edit in (await staff.get(f"{chat}/messages/{said}/edits")).body["items"]] == ["spam"]
    wanted = {"kind": "person", "id": other.id, "reason": "spam", "note": "Look."}
    assert [(await ada.post("/api/chats/reports", wanted)).status for _ in range(2)] == [201, 200]


async def integrate(host: Person, chat: str) -> None:
    export = (await host.post(f"{chat}/exports", {"format": "html"})).body
    async with asyncio.timeout(WITHIN_S):
        while (await host.get(f"{chat}/exports")).body["items"][0]["status"] == "waiting":
            await asyncio.sleep(0.1)
    await host.get(f"{chat}/exports/{export['id']}/archive")
    hook = (await host.post(f"{chat}/incoming-hooks", {"name": "CI"})).body
    post = {"text": "built", "client_id": str(uuid4())}
    assert [(await host.post(f"/api/chats/hooks/{hook['secret']}", post)).status for _ in range(2)] == [201, 200]
    await host.get(f"{chat}/incoming-hooks")
    await host.post(f"{chat}/incoming-hooks/{hook['id']}/secret")
    await host.delete(f"{chat}/incoming-hooks/{hook['id']}")
    target = {"name": "CRM", "url": "https://hooks.example.org/"}
    hook = (await host.post(f"{chat}/outgoing-hooks", target)).body
    await host.get(f"{chat}/outgoing-hooks")
    for deed in ("secret", "on"):
        await host.post(f"{chat}/outgoing-hooks/{hook['id']}/{deed}")
    await host.delete(f"{chat}/outgoing-hooks/{hook['id']}")


async def invite(town: Town, host: Person) -> None:
    chat, nobody = await host.start_chat("Tea"), town.nobody()
    made = await host.invite(chat, ttl_s=None, max_uses=None, guests=True, label="door")
    shown = {"token": made["token"]}
    for deed in ("preview", "opened", "decline"):
        await nobody.post(f"/api/auth/invitations/{deed}", shown)
    await (await town.guest("Bota")).post("/api/auth/invitations/report", {**shown, "reason": "spam", "note": "look"})
    await town.guest_by_code("Gulnara", made["token"])
    await (await town.guest("Bota")).post("/api/auth/invitations/accept", shown)
    await host.get(f"/api/auth/invitations?chat={chat}")
    path = f"/api/auth/invitations/{made['id']}"
    for part in ("", "/link", "/qr.svg", "/qr.png"):
        await host.get(path + part)
    await let_people_in(town, host, chat)
    fresh = (await host.post(f"{path}/renew")).body
    await host.delete(f"/api/auth/invitations/{fresh['id']}?evict=true")
    await nobody.post("/api/auth/invitations/preview", shown)


async def let_people_in(town: Town, host: Person, chat: str) -> None:
    door = await host.invite(chat, max_uses=None, approval=True, rotating=True, password="open sesame")
    path = f"/api/auth/invitations/{door['id']}"
    shown = {"token": door["token"], "password": "open sesame"}
    for deed in ("approve", "refuse"):
        person = await town.guest("Dana")
        assert (await person.post("/api/auth/invitations/accept", shown)).status == 202
        await person.get(f"{path}/knock")
        assert len((await host.get("/api/auth/knocks")).body["items"]) == 1
        await host.post(f"{path}/{deed}", {"user": person.id})
    await person.delete(f"{path}/knock")


async def look_at_people(ada: Person, bob: Person) -> None:
    await ada.patch("/api/users/me", {"display_name": "Ada L."})
    await ada.get("/api/users/me")
    picture = (await ada.ask("PUT", "/api/users/me/picture", PICTURE)).body["picture"]
    await bob.get(f"/api/users/{ada.id}/picture?v={picture}&size=64")
    await ada.delete("/api/users/me/picture")
    await ada.get("/api/users/me/privacy")
    await ada.patch("/api/users/me/privacy", {"shows_local_time": True, "who_may_write": "peers"})
    await ada.get("/api/users/me/preferences")
    await ada.patch("/api/users/me/preferences", {"theme": "dark", "time_zone": "Asia/Almaty"})
    await ada.get("/api/users/me/notices")
    await get_push_messages(ada)
    await ada.ask("PUT", f"/api/users/blocks/{bob.id}")
    await ada.get("/api/users/blocks")
    await ada.delete(f"/api/users/blocks/{bob.id}")
    await ada.get(f"/api/users/{bob.id}")
    await ada.get("/api/users?q=bob")
    await ada.get(f"/api/users/presence?ids={ada.id},{bob.id}")


async def get_push_messages(ada: Person) -> None:
    mine = "/api/users/me/push-subscriptions"
    await ada.get("/api/users/push-key")
    await ada.post(mine, Browser(f"https://push.example/{uuid4()}").subscription)
    await ada.get(mine)
    await ada.post(f"{mine}/test")
    await ada.delete(mine)


async def come_in_elsewhere(town: Town, ada: Person) -> None:
    codes, links = "/api/auth/device-codes", "/api/auth/recovery-links"
    for deed in ("decline", "confirm"):
        screen = town.nobody()
        code = (await screen.post(codes)).body
        token = {"token": code["url"].rpartition("/")[2]}
        await ada.post(f"{codes}/preview", token)
        assert (await screen.post(f"{codes}/collect", {"id": code["id"], "secret": code["secret"]})).status == 202
        await ada.post(f"{codes}/{deed}", token)
    assert (await screen.post(f"{codes}/collect", {"id": code["id"], "secret": code["secret"]})).status == 200
    link = (await (await town.guest("Bota")).post(links)).body
    token = {"token": link["url"].rpartition("/")[2]}
    await town.nobody().post(f"{links}/preview", token)
    await town.nobody().post(f"{links}/claim", token, Idempotency_Key=str(uuid4()))


async def log_in_by_providers(town: Town, provider: Provider) -> None:
    """By one provider, then by another that knows the same address."""
    carol, visitor = town.nobody(), Visitor(town.base)
    claims = {"email": f"{uuid4().hex}@example.org", "email_verified": True}
    await carol.get("/api/oauth/providers")
    await visitor.come_in("example", provider.knows_somebody(**claims))
    carol.token = visitor.cookie("abdre_access")
    await visitor.come_in("google", provider.knows_somebody(**claims))
    pending = {"pending": visitor.cookie("abdre_pending_link")}
    await carol.post("/api/oauth/pending", pending)
    await carol.post("/api/oauth/flows", {"provider": "google", "process": "connect", "next": "/security"})
    linked = (await carol.post("/api/oauth/accounts", pending)).body
    assert linked in (await carol.get("/api/oauth/accounts")).body["items"]
    await carol.delete(f"/api/oauth/accounts/{linked['id']}")


async def report_an_error(town: Town) -> None:
    facts = {"message": "x is not a function", "file": "/static/js/main.js", "line": 1, "column": 2, "stack": ""}
    await town.nobody().post("/api/auth/client-errors", {**facts, "page": "/", "version": "1", "request_id": ""})


async def let_programs_in(town: Town) -> None:
    owner, script, tokens, bots = await town.member("dora"), town.nobody(), "/api/auth/tokens", "/api/auth/bots"
    made = (await owner.post(tokens, {"name": "CI", "write": True, "days": 1})).body
    await script.post(f"{tokens}/exchange", {"token": made["token"]})
    await owner.get(tokens)
    await owner.delete(f"{tokens}/{made['id']}")
    bot = (await owner.post(bots, {"username": f"bot-{uuid4().hex[:8]}", "display_name": "Bot"})).body["bot"]
    await owner.post(f"{bots}/{bot['id']}/token")
    await owner.get(bots)
    await owner.delete(f"{bots}/{bot['id']}")


async def change_address_and_password(town: Town, ada: Person, mailbox: Mailbox) -> None:
    nobody, email = town.nobody(), f"ada-{uuid4().hex[:8]}@example.org"
    await ada.post("/api/auth/email", {"email": f"typo-{email}"})
    await ada.delete("/api/auth/email")
    await ada.post("/api/auth/email", {"email": email})
    await ada.post("/api/auth/email/resend")
    key = await asyncio.to_thread(mailbox.key, email, "Confirm your e-mail address")
    await nobody.post("/api/auth/email/verify/preview", {"key": key})
    await nobody.post("/api/auth/email/verify", {"key": key})
    assert (await ada.get("/api/auth/email")).body == {"email": email, "verified": True, "pending": None}
    await ada.post("/api/auth/password", {"password": uuid4().hex, "password_old": ""})
    await nobody.post("/api/auth/password/reset", {"email": email})
    key, password = await asyncio.to_thread(mailbox.key, email, "Choose a new password"), uuid4().hex
    await nobody.post("/api/auth/password/reset/confirm", {"key": key, "password": password})
    ada.token = ""
    for device in (nobody, ada):
        device.signed_in_by((await device.post("/api/auth/login", {"login": email, "password": password})).body)


async def end_sessions(town: Town, ada: Person) -> None:
    first = (await ada.get("/api/auth/sessions")).body["items"][-1]
    await ada.delete(f"/api/auth/sessions/{first['id']}")
    await ada.delete("/api/auth/sessions?others=true")
    await ada.post("/api/auth/logout")


async def leave(town: Town, bob: Person) -> None:
    export = (await bob.post("/api/auth/exports")).body
    async with asyncio.timeout(WITHIN_S):
        while (await bob.get("/api/auth/exports")).body["items"][0]["status"] == "waiting":
            await asyncio.sleep(0.1)
    await bob.get(f"/api/auth/exports/{export['id']}/archive")
    await bob.delete("/api/auth/account/delete")
    await bob.post("/api/auth/account/delete", {"erase_messages": True})
    await (await town.member("carol")).post("/api/auth/account/deactivate")


async def test_refusals_at_the_door_are_told_too(town: Town):
    ada = await town.guest("Ada")
    path = f"/api/chats/{await ada.start_chat()}/messages"
    headers = {"Authorization": f"Bearer {ada.token}", "Content-Type": openapi.JSON}

    async with town.http.post(town.base + path, data=BytesIO(b"x" * 2_000_000), headers=headers) as answer:
        wrong = openapi.problems("POST", path, answer.status, answer.headers, await answer.json())

    assert (answer.status, wrong) == (413, [])
