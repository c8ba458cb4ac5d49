"""The store forgets in time, counts within a window, and says when it is away."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis.exceptions import TimeoutError as RedisTimeout

from abdre.errors import TooMany
from abdre.limits import collected, count, forget, headers_of, limit, prefix_of
from abdre.store import StoreAway, store
from abdre.store.redis import RedisStore


def test_what_is_put_is_got_until_it_is_deleted():
    store.put("test:one", "1", ttl_s=30)
    store.put_many({"test:two": "2"}, ttl_s=30)

    assert store.get_many(["test:one", "test:two", "test:none"]) == ["1", "2", None]
    store.delete("test:one")
    assert store.get("test:one") is None
    store.delete_many(["test:two", "test:none"])
    store.delete_many([])
    assert store.get("test:two") is None


def test_what_is_put_is_forgotten_in_time():
    store.put("test:short", "1", ttl_s=0.05)

    deadline = time.monotonic() + 5
    while store.get("test:short") is not None:
        assert time.monotonic() < deadline


def test_a_window_counts_and_says_when_it_ends():
    hits = [store.hit("test:window", window_s=30) for _ in range(3)]

    assert [hit.times for hit in hits] == [1, 2, 3]
    assert all(0 < hit.left_s <= 30 for hit in hits)


def test_numbers_are_increased_together_and_forgotten_in_time():
    store.increase({"{test}:cups": 2, "{test}:pots": 1}, ttl_s=30)
    store.increase({"{test}:cups": 3}, ttl_s=0.05)

    assert store.get("{test}:pots") == "1"
    deadline = time.monotonic() + 5
    while (seen := store.get("{test}:cups")) is not None:
        assert seen == "5"
        assert time.monotonic() < deadline
    store.increase({"{test}:cups": 1}, ttl_s=30)
    assert store.get("{test}:cups") == "1"


def test_limits_count_each_subject_for_itself_and_can_forget():
    for subject in ("ada", "bob"):
        limit("test-limit", subject, limit=1, window_s=30)
    with pytest.raises(TooMany) as refusal:
        limit("test-limit", "ada", limit=1, window_s=30)

    assert refusal.value.retry_after_s
    forget("test-limit", "ada")
    limit("test-limit", "ada", limit=1, window_s=30)


def test_an_answer_tells_what_is_left_of_each_limit_and_of_nothing_that_was_counted_in_silence():
    with collected() as quotas:
        limit("test-told", "ada", limit=3, window_s=30)
        count("test-silent", "ada", limit=3, window_s=30)
        limit("test-also", "ada", limit=1, window_s=60)

    assert headers_of(quotas) == {
        "RateLimit-Policy": '"test-told";q=3;w=30, "test-also";q=1;w=60',
        "RateLimit": '"test-told";r=2;t=30, "test-also";r=0;t=60',
    }
    assert headers_of([]) == {}


def test_while_the_store_is_away_nothing_is_limited(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("abdre.limits.store", RedisStore("redis://127.0.0.1:1"))

    limit("test-away", "ada", limit=0, window_s=30)


def test_a_store_that_does_not_answer_says_so():
    with pytest.raises(StoreAway):
        RedisStore("redis://127.0.0.1:1").get("x")


def test_a_store_that_hangs_costs_one_question_its_time_out_and_not_each():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hanging = RedisStore(f"redis://127.0.0.1:{silent.getsockname()[1]}")
        for _ in range(20):
            with pytest.raises(StoreAway):
                hanging.get("x")

        silent.settimeout(0)
        lines = [silent.accept()[0]]
        with pytest.raises(BlockingIOError):
            silent.accept()
        lines[0].close()


def ask(hanging: RedisStore) -> str:
    with pytest.raises(StoreAway) as problem:
        hanging.get("x")
    return str(problem.value)


def test_after_its_rest_one_asks_for_all(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("abdre.store.redis.REST_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent, ThreadPoolExecutor(8) as people:
        hanging = RedisStore(f"redis://127.0.0.1:{silent.getsockname()[1]}")
        ask(hanging)
        time.sleep(0.2)

        answers = list(people.map(ask, [hanging] * 8))

    assert sum("moment ago" not in answer for answer in answers) == 1


def test_a_store_that_is_back_is_asked_again(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("abdre.store.redis.REST_S", 0.1)
    back = RedisStore("redis://127.0.0.1:1")
    monkeypatch.setattr(back, "_client", Answering(RedisTimeout(), "there", "still there"))

    assert ask(back) == ""
    assert "moment ago" in ask(back)
    time.sleep(0.2)

    assert [back.get("x"), back.get("x")] == ["there", "still there"]


class Answering:
    """Stands for redis-py's client: says or raises what comes next."""

    def __init__(self, *answers: str | Exception) -> None:
        self.answers = iter(answers)

    def get(self, _: str) -> str:
        answer = next(self.answers)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2ff::7", "2001:db8:1:200::/56"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("", "unknown"),
        ("nonsense", "unknown"),
    ],
)
def test_an_address_counts_with_its_household(address: str, prefix: str):
    assert prefix_of(address) == prefix
