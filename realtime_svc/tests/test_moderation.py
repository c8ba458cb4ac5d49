"""What moderators do reaches open sockets: of who is silenced, of a message deleted and restored, of a closed chat."""

from datetime import timedelta
from uuid import UUID, uuid4

from chat_svc.services import moderation
from chat_svc.services.moderation import Staff
from realtime_svc.tests.conftest import Someone, do
from user_svc.selectors import MODERATORS
from user_svc.services import appoint, create_member


def _staff() -> Staff:
    person = create_member(username=f"mira-{uuid4().hex[:8]}", password=None)
    appoint(user_id=person.id, group=MODERATORS)
    return Staff(id=person.id, reason="rude")


async def test_who_is_silenced_hears_it_and_is_told_until_when(ada: Someone, bob: Someone, chat: UUID) -> None:
    hers, his = await ada.socket(), await bob.socket()

    await do(moderation.silence, by=await do(_staff), user_id=bob.id, chat_id=chat, lasts=timedelta(hours=1))

    told = await his.next("silence.changed")
    assert told["chat"] == str(chat)
    refused = await his.send(chat, "salem")
    assert (refused["type"], refused["code"], refused["until"]) == ("error", "silenced", told["until"])
    assert (await hers.send(chat, "salem"))["type"] == "ack"
    await hers.silent("silence.changed")


async def test_a_deletion_and_its_undoing_are_told_to_all_and_by_a_resume(
    ada: Someone, bob: Someone, chat: UUID
) -> None:
    hers, his = await ada.socket(), await bob.socket()
    said = await his.send(chat, "salem")
    by = await do(_staff)

    entry = await do(moderation.delete_messages, by=by, chat_id=chat, seqs=[said["seq"]])
    gone = await hers.next("message.changed")
    assert (gone["message"]["body"], gone["message"]["deleted_by_staff"]) == ("", True)

    await do(moderation.restore_messages, by=by, entry_id=entry.pk)
    back = await hers.next("message.changed")
    assert (back["message"]["body"], back["message"]["deleted_at"]) == ("salem", None)
    late = await ada.socket()
    await late.ask(type="resume", chats={str(chat): gone["version"]})
    assert back["message"] in [item["message"] for item in late.heard if "message" in item]


async def test_a_chat_that_moderators_close_says_so_and_names_nobody(ada: Someone, chat: UUID) -> None:
    hers = await ada.socket()

    await do(moderation.close_chat, by=await do(_staff), chat_id=chat)

    told = await hers.next("message.created")
    assert (told["message"]["system"], told["message"]["sender"]["speaks_for_staff"]) == ({"type": "closed"}, True)
    assert (await hers.next("chat.changed"))["summary"]["closed_at"]
    assert (await hers.send(chat, "salem"))["code"] == "chat_over"
