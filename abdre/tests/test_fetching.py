"""What somebody names is asked only if it is outside, and only for so long and so much."""

from __future__ import annotations

import gzip
import ipaddress
import socket
import threading
import time
from typing import Any

import pytest

from abdre.fetching import (
    BadAddress,
    FetchFailed,
    TookTooLong,
    Unreachable,
    UnusableAnswer,
    checked_url,
    fetch,
    may_reach,
)
from abdre.tests.receiver import Asked, receiver

OUTSIDE = ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"]
INSIDE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "100.100.100.200",
    "169.254.169.254", "168.63.129.16", "192.0.0.192", "224.0.0.1", "240.0.0.1", "255.255.255.255", "198.18.0.1",
    "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001::1",
]  # fmt: skip


@pytest.fixture
def loopback(settings: Any) -> None:
    """The operator allows this one address, so that there is somebody to ask."""
    settings.FETCH_ALLOWED_NETWORKS = [ipaddress.ip_network("127.0.0.2/32")]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What names stand for; each time somebody looks, the next one, and the last for ever."""
    known: dict[str, list[str]] = {}
    look = socket.getaddrinfo

    def looked_up(host: str, *args: Any, **options: Any) -> Any:
        found = known.get(host)
        if found is None:
            return look(host, *args, **options)
        return look(found.pop(0) if len(found) > 1 else found[0], *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    return known


@pytest.mark.parametrize("address", OUTSIDE)
def test_who_is_outside_may_be_asked_at_the_usual_ports(address: str):
    assert may_reach(address, 80)
    assert may_reach(address, 443)
    assert not may_reach(address, 22)


@pytest.mark.parametrize("address", INSIDE)
def test_nobody_inside_is_asked(address: str):
    assert not may_reach(address, 80)


@pytest.mark.parametrize("allowed", ["10.0.0.0/8", "fc00::/7"])
def test_what_the_operator_allows_is_asked_at_any_port(settings: Any, allowed: str):
    network = ipaddress.ip_network(allowed)
    settings.FETCH_ALLOWED_NETWORKS = [network]

    assert may_reach(str(network[1]), 8080)
    assert not may_reach("192.168.1.1", 80)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/", "file:///etc/passwd", "gopher://example.org", "javascript:alert(1)", "//example.org/",
        "http://", "http:///path", "example.org", "", "http://user@example.org/", "http://user:word@example.org/",
        "http://:word@example.org/", "http://example.org:22/", "http://example.org:99999/", "http://[::1/",
        "http://example.org/" + "x" * 2048,
    ],
)  # fmt: skip
def test_what_is_no_such_address_is_refused_unasked(url: str):
    with pytest.raises(BadAddress):
        checked_url(url)


def test_an_address_is_asked_for_without_what_only_the_reader_needs():
    assert checked_url(" https://example.org/a?b=c%20d#there ") == "https://example.org/a?b=c%20d"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "0", "[::1]",
        "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]", "127.0.0.1.", "１２７.0.0.1",
    ],
)  # fmt: skip
def test_loopback_in_no_spelling_is_reached(settings: Any, host: str):
    settings.FETCH_ALLOWED_NETWORKS = [ipaddress.ip_network("198.51.100.0/24")]  # so that the port is no reason
    with receiver() as inside:
        with pytest.raises(FetchFailed):
            fetch(f"http://{host}:{inside.port}/")

        assert inside.asked == []


def test_what_is_allowed_is_asked_and_answers(loopback: None):
    with receiver(_says(b"salem", {"Content-Type": "text/plain; charset=utf-8", "X-One": "1"}), host="127.0.0.2") as it:
        answer = fetch(it.url("/a?b=c", host="127.0.0.2"), method="POST", headers={"X-Two": "2"}, body=b"hi")

    assert (answer.status, answer.body, answer.is_cut, answer.headers["x-one"]) == (200, b"salem", False, "1")
    (asked,) = it.asked
    assert (asked.method, asked.path, asked.body, asked.headers["x-two"]) == ("POST", "/a?b=c", b"hi", "2")
    assert asked.headers["accept-encoding"] == "identity"
    assert "cookie" not in asked.headers


def test_a_name_that_stands_for_somebody_inside_is_not_asked(loopback: None, names: dict[str, list[str]]):
    names["harmless.example"] = ["127.0.0.1"]
    with receiver() as inside:
        with pytest.raises(Unreachable):
            fetch(f"http://harmless.example:{inside.port}/")

        assert inside.asked == []


def test_the_checked_address_is_the_one_that_is_asked_under_its_name(loopback: None, names: dict[str, list[str]]):
    """DNS rebinding: looked up once more, the name would stand for somebody inside."""
    names["rebinding.example"] = ["127.0.0.2", "127.0.0.1"]
    with receiver(host="127.0.0.2") as outside, receiver(port=outside.port) as inside:
        fetch(f"http://rebinding.example:{outside.port}/")

        assert outside.asked[0].headers["host"] == f"rebinding.example:{outside.port}"
        assert inside.asked == []


def test_each_step_of_a_redirect_is_looked_at_anew(loopback: None, names: dict[str, list[str]]):
    names["rebinding.example"] = ["127.0.0.2", "127.0.0.1"]
    with receiver(_sends_on("/there"), host="127.0.0.2") as outside, receiver(port=outside.port) as inside:
        with pytest.raises(Unreachable):
            fetch(f"http://rebinding.example:{outside.port}/", redirects=3)

        assert len(outside.asked) == 1
        assert inside.asked == []


@pytest.mark.parametrize(
    "way_on", ["http://127.0.0.1:{port}/", "//127.0.0.1:{port}/", "http://[::ffff:7f00:1]:{port}/"]
)
def test_a_redirect_leads_nobody_inside(loopback: None, way_on: str):
    with receiver() as inside:
        with receiver(_sends_on(way_on.format(port=inside.port)), host="127.0.0.2") as outside:
            with pytest.raises(Unreachable):
                fetch(outside.url(host="127.0.0.2"), redirects=3)

        assert inside.asked == []


@pytest.mark.parametrize("way_on", ["file:///etc/passwd", "http://a:b@127.0.0.2/", "ftp://127.0.0.2/"])
def test_a_redirect_to_another_kind_of_address_is_refused(loopback: None, way_on: str):
    with receiver(_sends_on(way_on), host="127.0.0.2") as outside, pytest.raises(BadAddress):
        fetch(outside.url(host="127.0.0.2"), redirects=3)


def test_so_many_redirects_are_followed_and_no_more(loopback: None):
    with receiver(_sends_on("/again"), host="127.0.0.2") as outside:
        with pytest.raises(UnusableAnswer):
            fetch(outside.url(host="127.0.0.2"), redirects=3)
        assert len(outside.asked) == 4

        assert fetch(outside.url(host="127.0.0.2")).status == 302  # who follows none is told


def test_before_each_step_of_a_redirect_who_asks_may_object(loopback: None):
    steps: list[str] = []

    def two_steps(url: str) -> None:
        steps.append(url)
        if len(steps) > 2:
            raise LookupError(url)

    with receiver(_sends_on("/again"), host="127.0.0.2") as outside:
        first, again = outside.url("/", "127.0.0.2"), outside.url("/again", "127.0.0.2")
        with pytest.raises(LookupError):
            fetch(first, redirects=3, before_each=two_steps)

        assert steps == [first, again, again]
        assert len(outside.asked) == 2


def test_who_answers_drop_by_drop_is_given_up(loopback: None):
    """Slowloris: every byte comes soon after the one before, and the answer never ends."""
    with socket.create_server(("127.0.0.2", 0)) as listening:
        threading.Thread(target=_drip, args=(listening,), daemon=True).start()
        began = time.monotonic()

        with pytest.raises(TookTooLong):
            fetch(f"http://127.0.0.2:{listening.getsockname()[1]}/", timeout_s=0.3)

        assert time.monotonic() - began < 2


def test_who_never_answers_is_given_up(loopback: None):
    with socket.create_server(("127.0.0.2", 0)) as listening, pytest.raises(TookTooLong):
        fetch(f"http://127.0.0.2:{listening.getsockname()[1]}/", timeout_s=0.2)


def test_of_a_large_answer_so_much_is_read(loopback: None):
    with receiver(_says(b"x" * 5_000_000), host="127.0.0.2") as outside:
        answer = fetch(outside.url(host="127.0.0.2"), limit_bytes=1000)

    assert (len(answer.body), answer.is_cut) == (1000, True)


def test_a_bomb_of_gzip_is_not_unpacked(loopback: None):
    bomb = gzip.compress(b"\0" * 10_000_000)
    with receiver(_says(bomb, {"Content-Encoding": "gzip"}), host="127.0.0.2") as outside:
        with pytest.raises(UnusableAnswer):
            fetch(outside.url(host="127.0.0.2"))


def test_another_type_is_not_read(loopback: None):
    with receiver(_says(b"x", {"Content-Type": "application/pdf"}), host="127.0.0.2") as outside:
        with pytest.raises(UnusableAnswer):
            fetch(outside.url(host="127.0.0.2"), types=("text/html",))


def test_what_is_no_http_is_unusable(loopback: None):
    with socket.create_server(("127.0.0.2", 0)) as listening:
        threading.Thread(target=_babble, args=(listening,), daemon=True).start()
        with pytest.raises(FetchFailed):
            fetch(f"http://127.0.0.2:{listening.getsockname()[1]}/", timeout_s=5)


def test_a_proxy_of_the_surroundings_is_not_asked(loopback: None, monkeypatch: pytest.MonkeyPatch):
    with receiver() as proxy, receiver(host="127.0.0.2") as outside:
        monkeypatch.setenv("http_proxy", proxy.url())
        fetch(outside.url(host="127.0.0.2"))

        assert (len(proxy.asked), len(outside.asked)) == (0, 1)


def test_nobody_there_is_told_as_somebody_inside_is(loopback: None):
    with receiver(host="127.0.0.2") as gone, receiver() as inside:
        pass
    texts = set()
    for url in (gone.url(host="127.0.0.2"), inside.url()):
        with pytest.raises(Unreachable) as refused:
            fetch(url)
        texts.add(str(refused.value))

    assert len(texts) == 1


def _says(content: bytes, headers: dict[str, str] | None = None) -> Any:
    return lambda asked: (200, headers or {}, content)


def _sends_on(way_on: str) -> Any:
    def answer(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        return 302, {"Location": way_on}, b""

    return answer


def _drip(listening: socket.socket) -> None:
    line, _ = listening.accept()
    with line:
        line.sendall(b"HTTP/1.1 200 OK\r\n")
        try:
            while True:
                line.sendall(b"X-A: b\r\n")
                time.sleep(0.02)  # it is the slow server of this test, not a wait for something
        except OSError:
            return


def _babble(listening: socket.socket) -> None:
    line, _ = listening.accept()
    with line:
        line.recv(1000)
        line.sendall(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
