"""Events between processes over Redis: ours and the stock layer understand each other, on good days and on bad ones."""

import asyncio
import signal
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from channels.exceptions import ChannelFull
from channels_redis.pubsub import RedisPubSubChannelLayer
from redis.exceptions import RedisError

from abdre import layers, redis_connection
from abdre.layers import LeanPubSubLayer
from abdre.redis_address import RedisAddress
from deploy.ci.servers import Redis

WITHIN_S = 10.0
LAYERS = {"lean": LeanPubSubLayer, "stock": RedisPubSubChannelLayer}
FAILURES = (OSError, RedisError)

needs_redis = pytest.mark.postgres


@pytest.fixture(scope="module")
def lasting_redis() -> Iterator[Redis]:
    """A Redis of our own: it is restarted and stopped."""
    with Redis() as server:
        yield server


@pytest.fixture
def redis(lasting_redis: Redis) -> Redis:
    if lasting_redis.process is None:
        lasting_redis.start_again()
    return lasting_redis


def tell_redis(redis: Redis, *command: str) -> str:
    return subprocess.check_output(["redis-cli", "-p", str(redis.port), *command], text=True)


def freeze(redis: Redis) -> None:
    assert redis.process is not None
    redis.process.send_signal(signal.SIGSTOP)


def thaw(redis: Redis) -> None:
    assert redis.process is not None
    redis.process.send_signal(signal.SIGCONT)


Make = Callable[..., Any]


@pytest.fixture
async def make(redis: Redis) -> AsyncIterator[Make]:
    """A layer as another process would have it; none leaves a task behind."""
    before = asyncio.all_tasks()
    made: list[Any] = []

    def layer(kind: str = "lean", url: str = redis.url) -> Any:
        made.append(LAYERS[kind](hosts=[url]))
        return made[-1]

    yield layer
    for each in made:
        await each.flush()
    assert asyncio.all_tasks() - before == {asyncio.current_task()}


async def soon(work: Awaitable[Any]) -> Any:
    return await asyncio.wait_for(work, WITHIN_S)


async def member(layer: Any, *groups: str) -> str:
    channel: str = await soon(layer.new_channel())
    for group in groups:
        await soon(layer.group_add(group, channel))
    return channel


async def numbers(layer: Any, channel: str, count: int) -> list[int]:
    return [(await soon(layer.receive(channel)))["n"] for _ in range(count)]


async def until_heard(sender: Any, receiver: Any, channel: str, group: str) -> None:
    """Send until it comes through; what a layer says meanwhile is not the question."""
    hearing = asyncio.ensure_future(receiver.receive(channel))
    try:
        async with asyncio.timeout(2 * WITHIN_S):
            while not hearing.done():
                with suppress(*FAILURES):
                    await asyncio.wait_for(sender.group_send(group, {"n": -1}), 2)
                await asyncio.wait({hearing}, timeout=0.05)
    finally:
        if not hearing.done():
            hearing.cancel()
            await asyncio.wait({hearing})


# What every layer keeps.

pair = pytest.mark.parametrize(
    ("sends", "hears"), [("lean", "lean"), ("lean", "stock"), ("stock", "lean"), ("stock", "stock")]
)
each = pytest.mark.parametrize("kind", list(LAYERS))


@needs_redis
@pair
async def test_a_group_hears_in_order_what_is_sent_to_it(make: Make, sends: str, hears: str):
    sender, receiver = make(sends), make(hears)
    channel = await member(receiver, "chat.x")

    for n in range(100):
        await soon(sender.group_send("chat.x", {"n": n, "data": b"\x00\xff", "text": "Қазақ"}))

    assert await numbers(receiver, channel, 99) == list(range(99))
    assert await soon(receiver.receive(channel)) == {"n": 99, "data": b"\x00\xff", "text": "Қазақ"}


@needs_redis
@pair
async def test_one_channel_is_reached_by_its_name(make: Make, sends: str, hears: str):
    sender, receiver = make(sends), make(hears)
    channel = await member(receiver)

    await soon(sender.send(channel, {"n": 1}))

    assert await numbers(receiver, channel, 1) == [1]


@needs_redis
@each
async def test_who_has_left_a_group_does_not_hear_it(make: Make, kind: str):
    layer = make(kind)
    ada, bob = await member(layer, "chat.x", "chat.y"), await member(layer, "chat.x")

    await soon(layer.group_discard("chat.x", ada))
    await soon(layer.group_send("chat.x", {"n": 1}))
    await soon(layer.group_send("chat.y", {"n": 2}))

    assert await numbers(layer, bob, 1) == [1]
    assert await numbers(layer, ada, 1) == [2]


@needs_redis
@each
async def test_sending_side_by_side_on_a_cold_layer_keeps_the_order_of_the_calls(make: Make, kind: str):
    sender, receiver = make(kind), make(kind)
    channel = await member(receiver, "chat.x")

    await soon(asyncio.gather(*(sender.group_send("chat.x", {"n": n}) for n in range(500))))

    assert await numbers(receiver, channel, 500) == list(range(500))


@needs_redis
@each
async def test_an_idle_layer_is_alive_after_twelve_seconds(make: Make, kind: str):
    """The core layer closed its idle connections after five."""
    sender, receiver = make(kind), make(kind)
    channel = await member(receiver, "chat.x")
    await soon(sender.group_send("chat.x", {"n": 0}))

    await asyncio.sleep(12)  # idleness is what is tested
    await soon(sender.group_send("chat.x", {"n": 1}))

    assert await numbers(receiver, channel, 2) == [0, 1]


@needs_redis
@each
async def test_emptying_redis_does_no_harm(make: Make, redis: Redis, kind: str):
    layer = make(kind)
    channel = await member(layer, "chat.x")

    tell_redis(redis, "FLUSHALL")
    await soon(layer.group_send("chat.x", {"n": 1}))

    assert await numbers(layer, channel, 1) == [1]


@needs_redis
@each
async def test_after_a_restart_of_redis_the_group_is_heard_again(make: Make, redis: Redis, kind: str):
    sender, receiver = make(kind), make(kind)
    channel = await member(receiver, "chat.x")
    await soon(sender.group_send("chat.x", {"n": 1}))
    await numbers(receiver, channel, 1)

    redis.halt()
    redis.start_again()

    await until_heard(sender, receiver, channel, "chat.x")


@needs_redis
@each
async def test_while_redis_is_away_who_publishes_is_told(make: Make, redis: Redis, kind: str):
    layer = make(kind)
    await soon(layer.group_send("chat.x", {"n": 1}))

    redis.halt()

    with pytest.raises(FAILURES):
        await soon(layer.group_send("chat.x", {"n": 2}))


@needs_redis
@each
async def test_a_flushed_layer_begins_anew(make: Make, kind: str):
    layer = make(kind)
    await member(layer, "chat.x")

    await soon(layer.flush())

    channel = await member(layer, "chat.x")
    await soon(layer.group_send("chat.x", {"n": 1}))
    assert await numbers(layer, channel, 1) == [1]


@needs_redis
@each
async def test_a_command_publishes_from_a_loop_of_its_own(make: Make, redis: Redis, kind: str):
    receiver = make(kind)
    channel = await member(receiver, "chat.x")
    layer = LAYERS[kind](hosts=[redis.url])

    def publish() -> None:
        asyncio.run(layer.group_send("chat.x", {"n": 1}))

    await asyncio.to_thread(publish)

    assert await numbers(receiver, channel, 1) == [1]


# What ours adds.


@needs_redis
async def test_many_go_out_in_one_call_and_come_in_in_one_call(make: Make):
    sender, receiver = make(), make()
    channel = await member(receiver)
    await soon(receiver.group_add_many([f"chat.{n}" for n in range(50)], channel))

    await soon(sender.group_send_many([(f"chat.{n}", {"n": n}) for n in range(50)]))

    heard: list[int] = []
    while len(heard) < 50:
        heard += [message["n"] for message in await soon(receiver.receive_all(channel))]
    assert heard == list(range(50))


@needs_redis
async def test_of_many_left_groups_nothing_is_heard_and_redis_knows(make: Make, redis: Redis):
    layer = make()
    channel = await member(layer, "chat.keep")
    await soon(layer.group_add_many(["chat.a", "chat.b"], channel))

    await soon(layer.group_discard_many(["chat.a", "chat.b", "chat.never"], channel))

    assert tell_redis(redis, "PUBSUB", "CHANNELS", "*chat*").split() == ["asgi__group__chat.keep"]


@needs_redis
async def test_five_thousand_who_join_at_once_are_confirmed_together(make: Make):
    sender, receiver = make(), make()
    channel = await member(receiver)

    await soon(asyncio.gather(*(receiver.group_add(f"chat.{n}", channel) for n in range(5000))))

    await soon(sender.group_send("chat.4999", {"n": 1}))
    assert await numbers(receiver, channel, 1) == [1]


@needs_redis
async def test_who_gives_up_joining_does_not_take_others_along(make: Make, redis: Redis):
    layer = make()
    channel = await member(layer)
    freeze(redis)
    impatient = asyncio.create_task(layer.group_add("chat.x", channel))
    patient = asyncio.create_task(layer.group_add("chat.x", channel))
    await asyncio.sleep(0)

    impatient.cancel()
    await asyncio.wait({impatient})
    thaw(redis)

    await soon(patient)
    await soon(layer.group_send("chat.x", {"n": 1}))
    assert await numbers(layer, channel, 1) == [1]


@needs_redis
async def test_who_receives_all_is_told_once_that_something_may_be_lost(make: Make, redis: Redis):
    sender, receiver = make(), make()
    channel = await member(receiver, "chat.x")
    await soon(sender.group_send("chat.x", {"n": 1}))
    await until_published(receiver, channel)

    tell_redis(redis, "CLIENT", "KILL", "TYPE", "pubsub")

    assert await soon(receiver.receive_all(channel)) == [{"n": 1}]
    with pytest.raises(ConnectionError):
        await soon(receiver.receive_all(channel))
    await until_heard(sender, receiver, channel, "chat.x")


async def until_published(layer: Any, channel: str) -> None:
    inbox = layer._get_layer().channels[channel]
    async with asyncio.timeout(WITHIN_S):
        await inbox.filled(or_lost=False)


@needs_redis
async def test_after_a_restart_all_groups_are_subscribed_again(make: Make, redis: Redis):
    sender, receiver = make(), make()
    channel = await member(receiver, "chat.first")
    await soon(receiver.group_add_many([f"chat.{n}" for n in range(300)], channel))

    redis.halt()
    redis.start_again()
    await until_heard(sender, receiver, channel, "chat.first")

    assert len(tell_redis(redis, "PUBSUB", "CHANNELS", "asgi__group__chat.*").split()) == 301


@needs_redis
async def test_who_joins_while_redis_is_away_is_told_and_is_in_when_it_is_back(make: Make, redis: Redis):
    sender, receiver = make(), make()
    channel = await member(receiver)
    redis.halt()

    with pytest.raises(FAILURES):
        await soon(receiver.group_add("chat.x", channel))

    redis.start_again()
    await until_heard(sender, receiver, channel, "chat.x")


@needs_redis
async def test_no_channel_is_left_of_a_failed_beginning(make: Make, redis: Redis):
    layer = make()
    redis.halt()

    for _ in range(3):
        with pytest.raises(FAILURES):
            await soon(layer.new_channel())

    assert not layer._get_layer().channels


@needs_redis
async def test_a_redis_that_hangs_fails_those_who_publish_and_is_used_again_after(
    make: Make, redis: Redis, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(redis_connection, "TICK_S", 0.1)
    monkeypatch.setattr(redis_connection, "OPEN_WITHIN_S", 0.5)
    sender, receiver = make(), make()
    channel = await member(receiver, "chat.x")
    await soon(sender.group_send("chat.x", {"n": 1}))
    await numbers(receiver, channel, 1)

    freeze(redis)
    try:
        outcomes = await soon(
            asyncio.gather(*(sender.group_send("chat.x", {"n": n}) for n in range(20)), return_exceptions=True)
        )
        with pytest.raises((TimeoutError, ConnectionError)):
            await soon(sender.group_send("chat.x", {"n": 3}))
    finally:
        thaw(redis)

    assert all(isinstance(outcome, OSError) for outcome in outcomes)
    await until_heard(sender, receiver, channel, "chat.x")


@needs_redis
async def test_a_silent_subscription_is_found_out_and_made_again(
    make: Make, redis: Redis, monkeypatch: pytest.MonkeyPatch
):
    """A host that is gone without a word, as a frozen Redis is: nothing is asked of it, so only a question shows it."""
    monkeypatch.setattr(redis_connection, "TICK_S", 0.05)
    receiver = make()
    channel = await member(receiver, "chat.x")

    freeze(redis)
    try:
        with pytest.raises(ConnectionError):
            await soon(receiver.receive_all(channel))
    finally:
        thaw(redis)

    await until_heard(make(), receiver, channel, "chat.x")


@needs_redis
async def test_what_redis_does_not_take_is_bounded(make: Make, redis: Redis, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(redis_connection, "UNANSWERED_LIMIT_BYTES", 1000)
    layer = make()
    await soon(layer.group_send("chat.x", {"n": 1}))

    with pytest.raises(ChannelFull):
        await soon(layer.group_send("chat.x", {"data": b"x" * 1000}))

    await soon(layer.group_send("chat.x", {"n": 2}))


@needs_redis
async def test_what_nobody_takes_is_bounded_and_its_loss_is_told(
    make: Make, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(layers, "INBOX_LIMIT_BYTES", 1000)
    layer = make()
    channel = await member(layer, "chat.x")
    last = await member(layer, "chat.last")

    with caplog.at_level("WARNING"):
        await soon(layer.group_send_many([("chat.x", {"n": n}) for n in range(100)]))
        await soon(layer.group_send("chat.last", {"n": 0}))
        await numbers(layer, last, 1)

    assert 0 < len(await soon(layer.receive_all(channel))) < 20
    with pytest.raises(ConnectionError):
        await soon(layer.receive_all(channel))
    assert caplog.text.count("some are dropped") == 1


@needs_redis
async def test_what_is_no_message_does_not_stop_the_others(make: Make, redis: Redis):
    layer = make()
    channel = await member(layer, "chat.x")

    tell_redis(redis, "PUBLISH", "asgi__group__chat.x", "\x01noise")
    await soon(layer.group_send("chat.x", {"n": 1}))

    assert await soon(layer.receive_all(channel)) == [{"n": 1}]


@needs_redis
async def test_what_is_sent_while_the_loop_stands_still_is_not_taken_for_a_hanging_redis(
    make: Make, monkeypatch: pytest.MonkeyPatch
):
    import time

    monkeypatch.setattr(redis_connection, "TICK_S", 0.02)
    layer = make()
    await soon(layer.group_send("chat.x", {"n": 1}))

    sending = asyncio.ensure_future(layer.group_send("chat.x", {"n": 2}))
    await asyncio.sleep(0)
    time.sleep(1)

    await soon(sending)


# The password, and other ways to write an address.


@needs_redis
@pytest.mark.parametrize(("user", "url_part"), [("default", ""), ("ada", "ada")])
async def test_a_password_signs_in_and_a_wrong_one_is_told(make: Make, redis: Redis, user: str, url_part: str):
    tell_redis(redis, "ACL", "SETUSER", user, "on", ">pass word/@", "~*", "&*", "+@all")
    if user == "default":
        tell_redis(redis, "ACL", "SETUSER", "default", "resetpass", ">pass word/@")
    place = f"127.0.0.1:{redis.port}/3"
    try:
        layer = make(url=f"redis://{url_part}:pass%20word%2F%40@{place}")
        channel = await member(layer, "chat.x")
        await soon(layer.group_send("chat.x", {"n": 1}))
        assert await numbers(layer, channel, 1) == [1]

        stranger = make(url=f"redis://{url_part}:wrong@{place}")
        with pytest.raises((ConnectionError, RedisError)):
            await soon(stranger.group_send("chat.x", {"n": 2}))
    finally:
        redis.halt()


@needs_redis
async def test_a_unix_socket_is_an_address_too(make: Make, redis: Redis):
    redis.halt()
    path = redis.folder / "redis.sock"
    redis.launch(["redis-server", "--port", str(redis.port), "--unixsocket", str(path), "--save", ""])
    tell_redis(redis, "PING")  # it listens on its port before it listens on the socket
    try:
        layer = make(url=f"unix://{path}")
        channel = await member(layer, "chat.x")
        await soon(layer.group_send("chat.x", {"n": 1}))

        assert await numbers(layer, channel, 1) == [1]
    finally:
        redis.halt()


@needs_redis
async def test_an_encrypted_line_trusts_only_the_authority_it_was_given(make: Make, redis: Redis):
    redis.halt()
    key, certificate = str(redis.folder / "key.pem"), str(redis.folder / "certificate.pem")
    request = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    ]
    names = ["-subj", "/CN=redis", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*request, *names, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    tls = ["--tls-cert-file", certificate, "--tls-key-file", key, "--tls-auth-clients", "no"]
    redis.launch(["redis-server", "--port", "0", "--tls-port", str(redis.port), *tls, "--save", ""])
    url = f"rediss://127.0.0.1:{redis.port}/0"
    try:
        layer = make(url=f"{url}?ssl_ca_certs={certificate}")
        channel = await member(layer, "chat.x")
        await soon(layer.group_send("chat.x", {"n": 1}))
        assert await numbers(layer, channel, 1) == [1]

        with pytest.raises(ConnectionError, match="certificate"):
            await soon(make(url=url).group_send("chat.x", {"n": 2}))
    finally:
        redis.halt()


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("redis://redis", RedisAddress(host="redis")),
        ("redis://:p%40ss@redis:7000/2", RedisAddress(host="redis", port=7000, password="p@ss")),
        ("redis://ada:pass@[::1]/", RedisAddress(host="::1", username="ada", password="pass")),
        ("rediss://redis?ssl_ca_certs=/ca.pem", RedisAddress(host="redis", is_encrypted=True, ca_file="/ca.pem")),
        ("unix://:pass@/run/redis.sock?db=1", RedisAddress(path="/run/redis.sock", password="pass")),
    ],
)
def test_an_address_is_read_as_it_is_written(url: str, address: RedisAddress):
    assert RedisAddress.parse(url) == address
    assert "p" * 2 not in str(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://redis",
        "redis",
        "redis://redis/zero",
        "redis://redis:port",
        "redis://redis?db=zero",
        "redis://redis?socket_timeout=1",
        "redis://:p#ss@redis",
        "redis://redis?ssl_ca_certs=/ca.pem",
        "unix://redis.sock",
        "unix://",
    ],
)
def test_an_address_that_we_would_not_follow_is_refused(url: str):
    with pytest.raises(ValueError, match=r"."):
        LeanPubSubLayer(hosts=[url])


def test_an_authority_that_cannot_be_read_is_refused():
    with pytest.raises(FileNotFoundError):
        LeanPubSubLayer(hosts=["rediss://redis?ssl_ca_certs=/nowhere.pem"])
