"""Sending, editing and deleting by socket: acknowledged after the commit, told once, refused without a trace."""

import asyncio
import json
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from abdre.db import in_thread
from abdre.tests.signing import access_token
from chat_svc import selectors, services
from chat_svc.services import moderation
from chat_svc.services.moderation import Staff
from realtime_svc.tests.conftest import Someone, do, say
from user_svc.selectors import ADMINISTRATORS
from user_svc.services import appoint


async def history(chat: UUID, someone: Someone) -> list[Any]:
    page = await do(selectors.messages, chat_id=chat, user_id=someone.id)
    return list(page["items"])


async def test_a_message_is_acked_stored_and_told_to_everybody(ada: Someone, bob: Someone, chat: UUID) -> None:
    hers, his = await ada.socket(), await bob.socket()

    ack = await hers.send(chat, "  Сәлем 🐎 <b>  ")

    told = await his.next("message.created")
    assert (ack["type"], ack["seq"], ack["version"]) == ("ack", told["message"]["seq"], told["version"])
    assert told["message"]["body"] == "  Сәлем 🐎 <b>  "
    assert told["message"]["sender"]["id"] == str(ada.id)
    await hers.until(lambda item: hers.versions(chat))
    assert told in hers.heard
    assert [message["body"] for message in await history(chat, bob)] == ["  Сәлем 🐎 <b>  "]


async def test_by_a_personal_token_that_only_reads_nothing_is_said(ada: Someone, bob: Someone, chat: UUID) -> None:
    token = access_token(ada.id, session_id=ada.tokens.session_id, scope="read")
    reader = await ada.socket(replace(ada.tokens, access=token))
    his = await bob.socket()

    refused = await reader.send(chat, "salem")
    typing = await reader.ask(type="chat.read", chat=str(chat), seq=1)

    assert [item["code"] for item in (refused, typing)] == ["forbidden", "forbidden"]
    assert (await reader.ask(type="resume", chats={str(chat): 0}))["type"] != "error"
    await his.silent("message.created", "receipt.read")
    assert await history(chat, bob) == []


async def test_what_is_held_is_answered_so_and_told_to_nobody_else(ada: Someone, bob: Someone, chat: UUID) -> None:
    await do(appoint, user_id=ada.id, group=ADMINISTRATORS)
    await do(moderation.add_rule, by=Staff(id=ada.id), kind="word", text="darn", action="hold")
    hers, his = await ada.socket(), await bob.socket()

    client_id = str(uuid4())
    answers = [await hers.ask(type="message.send", chat=str(chat), client_id=client_id, body="darn") for _ in range(2)]

    assert [(answer["type"], answer["held"]["state"]) for answer in answers] == [("message.held", "waiting")] * 2
    assert answers[0]["held"]["id"] == answers[1]["held"]["id"]
    assert await history(chat, ada) == []
    await his.silent("message.created", "held.changed")


async def test_the_ack_comes_after_the_commit(ada: Someone, chat: UUID) -> None:
    socket = await ada.socket()

    ack = await socket.send(chat, "salem")

    assert [message["seq"] for message in await history(chat, ada)] == [ack["seq"]]


async def test_a_reply_names_what_it_answers(ada: Someone, bob: Someone, chat: UUID) -> None:
    hers, his = await ada.socket(), await bob.socket()
    first = await hers.send(chat, "tea?")

    await his.send(chat, "yes", reply_to=first["seq"])

    told = await hers.until(lambda item: item["type"] == "message.created" and item["message"]["body"] == "yes")
    assert told["message"]["reply_to"] == first["seq"]


async def test_many_sends_of_one_socket_keep_their_order(ada: Someone, bob: Someone, chat: UUID) -> None:
    hers, his = await ada.socket(), await bob.socket()

    for number in range(60):
        await hers.say(
            type="message.send", ref=str(number), chat=str(chat), client_id=str(uuid4()), body=f"message {number}"
        )

    told = [(await his.next("message.created"))["message"] for _ in range(60)]
    assert [message["body"] for message in told] == [f"message {number}" for number in range(60)]
    assert [message["seq"] for message in told] == list(range(1, 61))


async def test_one_client_id_over_two_sockets_and_rest_is_one_message(ada: Someone, bob: Someone, chat: UUID) -> None:
    first, second, his = await ada.socket(), await ada.socket(by="cookie"), await bob.socket()
    client_id = uuid4()

    one, two, three = await asyncio.gather(
        first.send(chat, client_id=str(client_id)),
        second.send(chat, client_id=str(client_id)),
        say(chat, ada, client_id=client_id),
    )

    assert one["seq"] == two["seq"] == three["seq"] == 1
    assert one["version"] == two["version"] == three["version"]
    assert one["created_at"] == two["created_at"] == three["created_at"]
    await his.next("message.created")
    await his.silent("message.created", "message.changed")
    assert len(await history(chat, ada)) == 1


async def test_the_same_client_id_in_another_chat_is_another_message(ada: Someone, chat: UUID) -> None:
    other = await do(services.create_chat, creator_id=ada.id, kind="group", title="Coffee")
    socket, client_id = await ada.socket(), str(uuid4())

    first = await socket.send(chat, client_id=client_id)
    second = await socket.send(other.id, client_id=client_id)

    assert (first["type"], second["type"]) == ("ack", "ack")
    assert len(await history(chat, ada)) == len(await history(other.id, ada)) == 1


async def test_edits_and_deletions_are_acked_and_told(ada: Someone, bob: Someone, chat: UUID) -> None:
    hers, his = await ada.socket(), await bob.socket()
    seq = (await hers.send(chat, "tee"))["seq"]

    edited = await hers.ask(type="message.edit", chat=str(chat), seq=seq, body="tea")
    deleted = await hers.ask(type="message.delete", chat=str(chat), seq=seq)

    first, second = await his.next("message.changed"), await his.next("message.changed")
    assert (first["version"], first["message"]["body"]) == (edited["version"], "tea")
    assert (second["version"], second["message"]["body"]) == (deleted["version"], "")
    assert first["message"]["edited_at"] is not None
    assert second["message"]["deleted_at"] is not None


async def test_a_reaction_is_acked_told_and_taken_back(ada: Someone, bob: Someone, chat: UUID) -> None:
    seq = (await say(chat, ada, "tea?"))["seq"]
    hers, his = await ada.socket(), await bob.socket()

    given = await his.ask(type="message.react", chat=str(chat), seq=seq, emoji="👍", on=True)
    taken = await his.ask(type="message.react", chat=str(chat), seq=seq, emoji="👍", on=False)

    first, second = await hers.next("message.changed"), await hers.next("message.changed")
    assert (first["version"], second["version"]) == (given["version"], taken["version"])
    assert first["message"]["reactions"] == [{"emoji": "👍", "count": 1, "users": [str(bob.id)]}]
    assert second["message"]["reactions"] == []


async def test_what_is_no_emoji_is_refused(ada: Someone, bob: Someone, chat: UUID) -> None:
    seq = (await say(chat, ada, "tea?"))["seq"]
    hers, his = await ada.socket(), await bob.socket()

    answer = await hers.ask(type="message.react", chat=str(chat), seq=seq, emoji="yes", on=True)

    assert (answer["code"], set(answer["fields"])) == ("invalid", {"emoji"})
    await his.silent()


async def test_a_guest_reacts_and_one_who_was_removed_does_not(
    ada: Someone, bob: Someone, guest: Someone, chat: UUID
) -> None:
    seq = (await say(chat, ada, "tea?"))["seq"]
    await do(services.enrol, chat_id=chat, user_id=guest.id)
    theirs, his = await guest.socket(), await bob.socket()
    react = {"type": "message.react", "chat": str(chat), "seq": seq, "emoji": "👍", "on": True}
    assert (await theirs.ask(**react))["type"] == "ack"
    await do(services.remove_member, chat_id=chat, actor_id=ada.id, user_id=guest.id)

    answer = await theirs.ask(**{**react, "on": False})

    assert answer["code"] == "chat_not_found"
    await his.next("message.changed")
    await his.silent("message.changed")


REFUSED_BODIES = {"empty": "", "blank": " \n ", "too long": "x" * 8001, "NUL": "a\0b"}


@pytest.mark.parametrize("kind", REFUSED_BODIES)
async def test_a_body_that_cannot_be_kept_is_refused(ada: Someone, bob: Someone, chat: UUID, kind: str) -> None:
    hers, his = await ada.socket(), await bob.socket()

    answer = await hers.send(chat, REFUSED_BODIES[kind])

    assert (answer["type"], answer["code"], set(answer["fields"])) == ("error", "invalid", {"body"})
    await his.silent("message.created")


async def test_the_longest_message_passes_whole(ada: Someone, chat: UUID) -> None:
    socket = await ada.socket()

    ack = await socket.send(chat, "🐎" * 8000)

    assert ack["type"] == "ack"


async def strangers_commands(eve: Someone, chat: UUID) -> list[Any]:
    """Everything a stranger might try on the chat, and what it was answered."""
    socket = await eve.socket()
    answers = [
        await socket.send(chat, "let me in"),
        await socket.send(chat, "let me in", reply_to=1),
        await socket.ask(type="message.edit", chat=str(chat), seq=1, body="mine now"),
        await socket.ask(type="message.delete", chat=str(chat), seq=1),
        await socket.ask(type="message.react", chat=str(chat), seq=1, emoji="👍", on=True),
        await socket.ask(type="message.react", chat=str(chat), seq=1, emoji="👍", on=False),
        await socket.ask(type="typing.start", chat=str(chat)),
        await socket.ask(type="chat.read", chat=str(chat), seq=1),
    ]
    return [{key: value for key, value in answer.items() if key != "ref"} for answer in answers]


async def test_a_stranger_is_refused_like_one_who_guesses_and_nobody_is_told(
    ada: Someone, bob: Someone, eve: Someone, chat: UUID
) -> None:
    await say(chat, ada, "secret")
    his = await bob.socket()

    answers = await strangers_commands(eve, chat)

    assert {answer["code"] for answer in answers} == {"chat_not_found"}
    assert answers == await strangers_commands(eve, uuid4())
    await his.silent()
    assert [message["body"] for message in await history(chat, ada)] == ["secret"]


async def test_only_its_author_changes_a_message(ada: Someone, bob: Someone, chat: UUID) -> None:
    seq = (await say(chat, ada, "tea"))["seq"]
    hers, his = await ada.socket(), await bob.socket()

    answer = await his.ask(type="message.edit", chat=str(chat), seq=seq, body="coffee")

    assert answer["code"] == "not_your_message"
    await hers.silent()


async def test_an_unknown_seq_is_not_found(ada: Someone, chat: UUID) -> None:
    socket = await ada.socket()

    answer = await socket.ask(type="message.delete", chat=str(chat), seq=99)

    assert answer["code"] == "message_not_found"


async def test_who_was_removed_while_writing_gets_nothing_in(ada: Someone, bob: Someone, chat: UUID) -> None:
    his = await bob.socket()
    await in_thread(services.remove_member, chat_id=chat, actor_id=ada.id, user_id=bob.id)

    answer = await his.send(chat, "one more thing")

    assert answer["code"] == "chat_not_found"
    assert await history(chat, ada) == []


async def test_a_chat_that_is_over_takes_no_messages(ada: Someone, chat: UUID) -> None:
    socket = await ada.socket()
    await in_thread(services.close_chat, chat_id=chat, actor_id=ada.id)

    answers = [
        await socket.send(chat),
        await socket.ask(type="message.react", chat=str(chat), seq=1, emoji="👍", on=True),
    ]

    assert [answer["code"] for answer in answers] == ["chat_over", "chat_over"]


async def test_files_go_into_a_message_by_socket_and_a_strangers_do_not(
    ada: Someone, bob: Someone, eve: Someone, chat: UUID
) -> None:
    mine = await do(_uploaded, chat=chat, someone=ada)
    hers, his, theirs = await ada.socket(), await bob.socket(), await eve.socket()

    refused = await theirs.send(chat, "", attachments=[mine])
    assert (refused["type"], refused["code"]) == ("error", "chat_not_found")
    foreign = await his.send(chat, "", attachments=[mine])
    assert (foreign["type"], foreign["fields"].keys()) == ("error", {"attachments"})
    await hers.send(chat, "", attachments=[mine])

    told = await his.next("message.created")
    assert [attachment["id"] for attachment in told["message"]["attachments"]] == [mine]
    await theirs.silent("message.created")


async def test_a_reply_in_a_thread_is_told_and_then_its_root_with_the_count(
    ada: Someone, bob: Someone, eve: Someone, chat: UUID
) -> None:
    hers, his, theirs = await ada.socket(), await bob.socket(), await eve.socket()
    root = await hers.send(chat, "tea?")

    await his.send(chat, "yes", thread=root["seq"])
    refused = [
        await theirs.send(chat, "me too", thread=root["seq"]),
        await his.send(chat, "and I", thread=root["seq"] + 1),
    ]

    reply = await hers.until(lambda item: item["type"] == "message.created" and item["version"] > root["version"])
    changed = await hers.next("message.changed")
    assert (reply["message"]["body"], reply["message"]["thread"]) == ("yes", root["seq"])
    assert changed["message"]["replies"] == {"count": 1, "last_seq": root["seq"] + 1, "people": [str(bob.id)]}
    assert [answer["code"] for answer in refused] == ["chat_not_found", "invalid"]
    await theirs.silent("message.created")


async def test_what_is_no_list_of_files_is_refused(ada: Someone, chat: UUID) -> None:
    socket = await ada.socket()
    command = {"type": "message.send", "ref": "1", "chat": str(chat), "client_id": str(uuid4()), "body": "look"}

    for attachments in ("x", ["x"], [str(uuid4()) for _ in range(11)], None):
        await socket.say_raw(json.dumps({**command, "attachments": attachments}))

        refused = await socket.next("error")
        assert (refused["code"], refused["fields"].keys()) == ("invalid", {"attachments"})


def _uploaded(chat: UUID, someone: Someone) -> str:
    upload = services.begin_upload(chat_id=chat, user_id=someone.id, name="a.txt", size=3)
    attachment_id = UUID(upload["id"])
    whole = services.receive_part(chat_id=chat, user_id=someone.id, attachment_id=attachment_id, offset=0, data=b"abc")
    return str(whole["id"])
