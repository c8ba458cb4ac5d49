"""Plain `ws` on Node.js: the least that a chat server in JavaScript can be."""

import os
from pathlib import Path
from typing import ClassVar

from deploy.bench.install import npm_ci, npm_versions
from deploy.bench.peers import BODY, Client, Ground, Peer, Program, compact

SOURCE = Path(__file__).parent / "ws"


class PlainWs(Peer):
    name = "ws"
    setting = "one process, no compression, bufferutil, a Set of sockets per room, one frame built per message"
    packages: ClassVar = ["ws", "bufferutil"]

    @classmethod
    def install(cls, home: Path) -> None:
        npm_ci(home, SOURCE)

    @classmethod
    def versions(cls, home: Path) -> dict[str, str]:
        return npm_versions(home, cls.packages)

    def __init__(self) -> None:
        self.program: Program | None = None

    def start(self, ground: Ground) -> None:
        self.program = Program("ws", cpus=ground.cpus)
        environment = {"PATH": os.environ["PATH"], "NODE_ENV": "production", "PORT": str(self.program.port)}
        self.program.run(["node", "server.js"], environment=environment, folder=ground.home)

    def measured(self) -> list[int]:
        assert self.program is not None
        return [self.program.pid]

    def client(self, index: int, room: int, *, door: int = 0) -> Client:
        assert self.program is not None
        return Client(self.program.port, path=f"/room/{room}", message=compact({"type": "message", "text": BODY}))

    def stop(self) -> None:
        if self.program is not None:
            self.program.stop()
