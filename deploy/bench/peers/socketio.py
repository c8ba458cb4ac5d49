"""Socket.IO on Node.js with its Redis adapter: what most who need rooms over several processes take."""

import os
from pathlib import Path
from typing import ClassVar

from deploy.bench.install import npm_ci, npm_versions
from deploy.bench.peers import BODY, COUNTER, Client, Ground, OfPrograms, Step, compact

SOURCE = Path(__file__).parent / "socketio"
# Of 8, 16 and 32 the best with 200 rooms; each commits by itself, so more of them share a flush of the log.
DATABASE_CONNECTIONS = 32


class SocketIo(OfPrograms):
    name = "Socket.IO + Redis"
    setting = (
        "WebSocket only, no compression, bufferutil, the classic Redis adapter on node-redis; "
        f"when stored: one prepared statement and commit per message, pipelined on {DATABASE_CONNECTIONS} connections, "
        "rooms keep to theirs, then told, then acknowledged"
    )
    packages: ClassVar = ["socket.io", "@socket.io/redis-adapter", "redis", "ws", "bufferutil", "pg"]

    @classmethod
    def install(cls, home: Path) -> None:
        npm_ci(home, SOURCE)

    @classmethod
    def versions(cls, home: Path) -> dict[str, str]:
        return npm_versions(home, cls.packages)

    stored = False

    def start(self, ground: Ground) -> None:
        self.stored = ground.stored
        for cpus in [ground.cpus, ground.other_cpus][: ground.doors]:
            self.open_door(ground, cpus)

    def open_door(self, ground: Ground, cpus: str) -> None:
        door = self.program("socketio", cpus=cpus)
        environment = {
            "PATH": os.environ["PATH"],
            "NODE_ENV": "production",
            "PORT": str(door.port),
            "REDIS_URL": ground.redis_url,
        }
        if ground.stored:
            environment["DATABASE_URL"] = ground.database_url
            environment["DATABASE_CONNECTIONS"] = str(DATABASE_CONNECTIONS)
        door.run(["node", "server.js"], environment=environment, folder=ground.home)

    def client(self, index: int, room: int, *, door: int = 0) -> Client:
        # Engine.IO's "4" is a message; in it Socket.IO's "0" connects and "2" is an event; a number asks for an answer.
        number = COUNTER if self.stored else ""
        return Client(
            port=self.programs[door].port,
            path="/socket.io/?EIO=4&transport=websocket",
            opening=(Step("0{", "40" + compact({"room": f"room-{room}"})), Step('["joined"]')),
            message=f"42{number}" + compact(["message", {"text": BODY}]),
        )
