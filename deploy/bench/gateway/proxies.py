"""What may stand before the services, each at its best honest setting: nothing, nginx, our gateway, a Django view."""

import importlib.metadata
import os
import secrets
from pathlib import Path
from typing import ClassVar

from deploy.bench.gateway.upstream import Upstream
from deploy.bench.install import pip_versions, venv
from deploy.bench.nginx import debian_versions, nginx, run_nginx
from deploy.bench.peers import BODY, Client, Ground, OfPrograms, compact
from deploy.bench.peers.ours import PinnedRole
from deploy.ci.stack import INNER_ROLES, NOT_FOR_THE_GATEWAY

HERE = Path(__file__).parent
DJANGO = HERE / "django_httpx"
# About 300 bytes a frame, as an event of ours has.
MESSAGE = {"type": "message.created", "chat": "0e984725-c51c-4bf4-9960-e1c80e27aba0", "version": 5822, "body": BODY}


class Proxy(OfPrograms):
    """Stands before the upstream; `port` is where clients come."""

    port: int

    def __init__(self, upstream: Upstream) -> None:
        super().__init__()
        self.upstream = upstream

    def client(self, index: int, room: int, *, door: int = 0) -> Client:
        return Client(self.port, path=f"/room/{room}", message=compact(MESSAGE))


class Direct(Proxy):
    name = "no proxy"
    setting = "the upstream itself: nginx with `return`, on the load generator's core"

    @classmethod
    def install(cls, home: Path) -> None:
        nginx()

    @classmethod
    def versions(cls, home: Path) -> dict[str, str]:
        return debian_versions(["nginx"])

    def start(self, ground: Ground) -> None:
        self.port = self.upstream.requests_port

    def measured(self) -> list[int]:
        return []


class Nginx(Proxy):
    name = "nginx proxy_pass"
    setting = "one worker, 256 kept connections to the upstream, one JSON line a request in a buffered log"

    @classmethod
    def install(cls, home: Path) -> None:
        nginx()

    @classmethod
    def versions(cls, home: Path) -> dict[str, str]:
        return debian_versions(["nginx"])

    def start(self, ground: Ground) -> None:
        own = self.program("nginx", cpus=ground.cpus)
        ports = {"REQUESTS_PORT": self.upstream.requests_port, "SOCKETS_PORT": self.upstream.sockets_port}
        run_nginx(own, HERE / "nginx.conf", **ports)
        self.port = own.port


class OurGateway(Proxy):
    name = "our gateway"
    setting = (
        "the shipped gateway role under `python -m gateway_svc.server`, one process; Redis; a public origin of https; "
        "one JSON line a request into a file, unbuffered, as shipped"
    )
    packages: ClassVar = ["Django", "aiohttp", "uvicorn", "httptools", "websockets", "uvloop", "structlog", "purgatory"]

    @classmethod
    def versions(cls, home: Path) -> dict[str, str]:
        return {name: importlib.metadata.version(name) for name in cls.packages}

    def __init__(self, upstream: Upstream) -> None:
        super().__init__(upstream)
        self.role = PinnedRole("gateway", self.environment())

    def start(self, ground: Ground) -> None:
        self.role.cpus = ground.cpus
        self.role.start()
        self.port = self.role.port

    def environment(self) -> dict[str, str]:
        """As the stack gives it, but for where the services are."""
        given = {name: value for name, value in self.upstream.environment.items() if name not in NOT_FOR_THE_GATEWAY}
        services = {f"ABDRE_{name.upper()}_URL": self.upstream.requests_url for name in INNER_ROLES}
        return {
            **given,
            **services,
            "ABDRE_REALTIME_URL": f"http://127.0.0.1:{self.upstream.sockets_port}",
            "ABDRE_PUBLIC_ORIGIN": "https://chat.example.org",
            "ABDRE_TRUSTED_PROXIES": "0",
            "ABDRE_LOG_FORMAT": "json",
            "SECRET_KEY": secrets.token_urlsafe(48),
        }

    def measured(self) -> list[int]:
        assert self.role.process is not None
        return [self.role.process.pid]

    def stop(self) -> None:
        self.role.stop()

    def last_words(self) -> str:
        return self.role.log.read_text(errors="replace")[-2000:]


class DjangoHttpx(Proxy):
    name = "Django view with httpx"
    setting = (
        "an async view that streams the answer through, under uvicorn with uvloop and httptools, one process; one "
        "AsyncClient with 10 connections, of which more cost it more; no middleware, no access log"
    )
    packages: ClassVar = ["Django", "httpx", "httpcore", "uvicorn", "httptools", "uvloop"]

    @classmethod
    def install(cls, home: Path) -> None:
        venv(home / "venv", (DJANGO / "requirements.txt").read_text().splitlines())

    @classmethod
    def versions(cls, home: Path) -> dict[str, str]:
        return pip_versions(home / "venv/bin/python", cls.packages)

    def start(self, ground: Ground) -> None:
        own = self.program("django-httpx", cpus=ground.cpus)
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONDONTWRITEBYTECODE": "1",
            "SECRET_KEY": secrets.token_urlsafe(48),
            "UPSTREAM_URL": self.upstream.requests_url,
        }
        where = ["--host", "127.0.0.1", "--port", str(own.port)]
        quiet = ["--no-access-log", "--log-level", "warning", "--no-proxy-headers", "--lifespan", "off"]
        command = [str(ground.home / "venv/bin/python"), "-m", "uvicorn", *where, *quiet, "server:application"]
        own.run(command, environment=environment, folder=DJANGO)
        self.port = own.port


PROXIES: dict[str, type[Proxy]] = {proxy.name: proxy for proxy in (Direct, Nginx, OurGateway, DjangoHttpx)}
