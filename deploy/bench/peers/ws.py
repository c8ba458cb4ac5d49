"""Plain `ws` on Node.js: the least that a chat server in JavaScript can be."""

import os
from pathlib import Path
from typing import ClassVar

from deploy.bench.install import npm_ci, npm_versions
from deploy.bench.peers import BODY, Client, Ground, OfPrograms, compact

SOURCE = Path(__file__).parent / "ws"


class PlainWs(OfPrograms):
    name = "ws"
    setting = "one process, no compression, bufferutil, a Set of sockets per room, one frame built per message"
    packages: ClassVar = ["ws", "bufferutil"]

    @classmethod
    def install(cls, home: Path) -> None:
        npm_ci(home, SOURCE)

    @classmethod
    def versions(cls, home: Path) -> dict[str, str]:
        return npm_versions(home, cls.packages)

    def start(self, ground: Ground) -> None:
        own = self.program("ws", cpus=ground.cpus)
        environment = {"PATH": os.environ["PATH"], "NODE_ENV": "production", "PORT": str(own.port)}
        own.run(["node", "server.js"], environment=environment, folder=ground.home)

    def client(self, index: int, room: int, *, door: int = 0) -> Client:
        return Client(self.programs[0].port, path=f"/room/{room}", message=compact({"type": "message", "text": BODY}))
