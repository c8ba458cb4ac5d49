"""The pattern of the Channels tutorial on daphne: a consumer a socket in a group, core layer or pub/sub layer."""

import importlib.metadata
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

from deploy.bench.peers import BODY, Client, Ground, OfPrograms, compact
from deploy.ci.stack import plain_environment

SOURCE = Path(__file__).parent / "tutorial"
PACKAGES = ["daphne", "Twisted", "autobahn", "channels", "channels-redis", "Django", "redis", "hiredis", "psycopg"]


class Tutorial(OfPrograms):
    name = "Channels tutorial on daphne, core layer"
    setting = (
        "the tutorial's consumer without its templates, in this project's own Python and packages; daphne without its "
        "access log; redis-py's socket timeout off, which otherwise ends idle sockets; hiredis"
    )
    layer = "channels_redis.core.RedisChannelLayer"
    # Without the None redis-py 8 closes what the layer blocks on (5 s against 5 s).
    host_options: ClassVar[dict[str, Any]] = {"socket_timeout": None}

    @classmethod
    def versions(cls, home: Path) -> dict[str, str]:
        return {name: importlib.metadata.version(name) for name in PACKAGES}

    def start(self, ground: Ground) -> None:
        own = self.program("tutorial", cpus=ground.cpus)
        environment = self.environment(ground)
        if ground.stored:
            subprocess.run([sys.executable, "server.py"], cwd=SOURCE, env=environment, check=True)
        where = ["-b", "127.0.0.1", "-p", str(own.port), "-v", "0"]
        command = [sys.executable, "-m", "daphne", *where, "server:application"]
        own.run(command, environment=environment, folder=SOURCE)

    def environment(self, ground: Ground) -> dict[str, str]:
        database = urlsplit(ground.database_url)
        hosts = [{"address": ground.redis_url, **self.host_options}]
        return {
            **plain_environment(),
            "LAYER": self.layer,
            "LAYER_CONFIG": json.dumps({"hosts": hosts}),
            "STORED": "1" if ground.stored else "",
            "ROOMS": str(ground.rooms),
            "PGHOST": database.hostname or "",
            "PGPORT": str(database.port),
            "PGUSER": database.username or "",
            "PGPASSWORD": database.password or "",
            "PGDATABASE": database.path.removeprefix("/"),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def client(self, index: int, room: int, *, door: int = 0) -> Client:
        return Client(port=self.programs[0].port, path=f"/ws/chat/{room}/", message=compact({"message": BODY}))


class TutorialPubSub(Tutorial):
    name = "Channels tutorial on daphne, pub/sub layer"
    layer = "channels_redis.pubsub.RedisPubSubChannelLayer"
    host_options: ClassVar[dict[str, Any]] = {}
