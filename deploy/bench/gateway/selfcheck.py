"""The generator of requests itself, against a server that counts: before proxies are measured, each time."""

import asyncio
import re
import time

from deploy.bench.gateway.http_load import NUMBER, Request, Requests
from deploy.bench.selfcheck import serving
from deploy.ci.servers import free_port

CONNECTIONS = 8
SECONDS = 0.5
ANSWER_AFTER_S = 0.005
WRONG_EVERY = 7
ASKED = re.compile(rb"GET /\?after=([0-9a-f]{8}) ")


class Service:
    """Answers in three pieces; now and then with another status, or with another request's number."""

    def __init__(self) -> None:
        self.right = 0
        self.wrong = 0

    async def welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while found := ASKED.match(await reader.readuntil(b"\r\n\r\n")):
                await asyncio.sleep(ANSWER_AFTER_S)
                for piece in self.answer(found[1]):
                    writer.write(piece)
                    await asyncio.sleep(0)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def answer(self, number: bytes) -> tuple[bytes, bytes, bytes]:
        turn = self.right + self.wrong
        is_wrong = turn % WRONG_EVERY == 0
        self.wrong += is_wrong
        self.right += not is_wrong
        status = b"500 x" if is_wrong and turn % 2 else b"200 x"
        said = number[::-1] + b"!" if is_wrong and not turn % 2 else number + b"."
        return b"HTTP/1.1 " + status + b"\r\nContent-Le", b"ngth: 9\r\n\r\n" + said[:4], said[4:]


def check_requests() -> str:
    """What was counted, in a sentence. Raises RuntimeError where the generator and the server disagree."""
    service, port = Service(), free_port()
    request = Request("GET", f"/?after={NUMBER}")
    with serving(service.welcome, port), Requests(port, request, connections=CONNECTIONS, cpus="") as load:
        time.sleep(SECONDS)
        load.hear_the_rest()
        answers = load.report()
    counts = {"right": (answers.requests, service.right), "wrong": (answers.wrong, service.wrong)}
    is_true = all(told == counted for told, counted in counts.values()) and service.right and not answers.closed
    if not is_true or answers.p50_ms < ANSWER_AFTER_S * 1e3:
        raise RuntimeError(f"the generator of requests miscounts: {counts}, {answers}")
    return (
        f"The generator of requests was checked first: {answers.requests:,} right answers, in pieces, told from "
        f"{answers.wrong:,} with another status or another request's number."
    )
