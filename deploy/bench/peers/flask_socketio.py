"""Flask-SocketIO with gevent and Redis: the usual way to sockets in a Flask application."""

import os
from pathlib import Path
from typing import ClassVar

from deploy.bench.install import pip_versions, venv
from deploy.bench.peers import BODY, Client, Ground, OfPrograms, Step, compact

SOURCE = Path(__file__).parent / "flask_socketio"
# As the documentation deploys it: one worker (sockets are sticky), gevent-websocket's own worker class. gunicorn's
# plain gevent worker, with simple-websocket, took 1.5 times the CPU and as much memory.
GUNICORN = [
    "--workers=1",
    "--worker-class=geventwebsocket.gunicorn.workers.GeventWebSocketWorker",
    "--worker-connections=32768",
    "--backlog=1024",
    "--log-level=warning",
]


class FlaskSocketIo(OfPrograms):
    name = "Flask-SocketIO + Redis"
    setting = (
        "WebSocket only, one gunicorn worker of gevent-websocket, Redis as message queue read with hiredis, "
        "handlers without a greenlet each, no access log"
    )
    packages: ClassVar = [
        "Flask-SocketIO",
        "python-socketio",
        "python-engineio",
        "gevent",
        "gevent-websocket",
        "gunicorn",
        "redis",
        "hiredis",
    ]

    @classmethod
    def install(cls, home: Path) -> None:
        venv(home / "venv", (SOURCE / "requirements.txt").read_text().splitlines())

    @classmethod
    def versions(cls, home: Path) -> dict[str, str]:
        return pip_versions(home / "venv/bin/python", cls.packages)

    def start(self, ground: Ground) -> None:
        own = self.program("flask-socketio", cpus=ground.cpus)
        python = str(ground.home / "venv/bin/python")
        where = f"--bind=127.0.0.1:{own.port}"
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONDONTWRITEBYTECODE": "1",
            "REDIS_URL": ground.redis_url,
        }
        command = [python, "-m", "gunicorn", where, *GUNICORN, "server:app"]
        own.run(command, environment=environment, folder=SOURCE)

    def client(self, index: int, room: int, *, door: int = 0) -> Client:
        # Engine.IO's "4" is a message; in it Socket.IO's "0" connects and "2" is an event.
        return Client(
            self.programs[0].port,
            path="/socket.io/?EIO=4&transport=websocket",
            opening=(Step("0{", "40" + compact({"room": f"room-{room}"})), Step('["joined"')),
            message="42" + compact(["message", {"text": BODY}]),
        )
