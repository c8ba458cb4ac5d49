"""The process ends: who is here is asked to come back, after everything they said has been answered."""

from uuid import UUID, uuid4

from abdre.sockets import LEAVE
from realtime_svc.protocol.limits import COMES_BACK_WITHIN_S
from realtime_svc.tests.conftest import Someone

SENDS = 10


async def test_what_was_said_before_is_answered_before_the_goodbye(ada: Someone, chat: UUID) -> None:
    hers = await ada.socket()
    for number in range(SENDS):
        await hers.say(
            type="message.send", ref=str(number), chat=str(chat), client_id=str(uuid4()), body=f"salem {number}"
        )
    await hers.say(type="message.edit", ref="edit", chat=str(chat), seq=1, body="salem")

    await hers.wire.send_input({"type": LEAVE})

    assert await hers.closed() == 4001
    # The edit overtakes the message's commit now and then, and is then answered by a refusal.
    answered = {item["ref"] for item in hers.heard if item["type"] in ("ack", "error")}
    assert answered == {*map(str, range(SENDS)), "edit"}
    assert hers.heard[-1]["type"] == "going_away"


async def test_each_is_given_a_moment_of_its_own_to_come_back(ada: Someone) -> None:
    moments = set()
    for _ in range(20):
        hers = await ada.socket()
        await hers.wire.send_input({"type": LEAVE})
        moments.add((await hers.next("going_away"))["retry_after_s"])

    assert len(moments) > 5
    assert 0 <= min(moments) <= max(moments) <= COMES_BACK_WITHIN_S
