"""nginx with the nchan module: publish and subscribe in C, the fastest of the servers that were not written here."""

from pathlib import Path

from deploy.bench.nginx import debian_versions, nginx, run_nginx
from deploy.bench.peers import BODY, Client, Ground, Missing, OfPrograms, compact

CONFIGURATION = Path(__file__).parent / "nchan/nginx.conf"
# Debian's: a module fits only the nginx that it was built with.
MODULE = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")


class Nchan(OfPrograms):
    name = "nchan + Redis"
    setting = (
        "one worker, WebSocket both ways, Redis only carries messages between servers (nostore), nothing kept for "
        "latecomers, no access log, no compression; shared memory and connections so large that neither is a limit"
    )

    @classmethod
    def install(cls, home: Path) -> None:
        nginx()
        if not MODULE.exists():
            raise Missing("nginx has no nchan: apt-get install libnginx-mod-nchan")

    @classmethod
    def versions(cls, home: Path) -> dict[str, str]:
        return debian_versions(["nginx", "libnginx-mod-nchan"])

    def start(self, ground: Ground) -> None:
        own = self.program("nchan", cpus=ground.cpus)
        run_nginx(own, CONFIGURATION, REDIS_URL=ground.redis_url, MODULE=MODULE)

    def client(self, index: int, room: int, *, door: int = 0) -> Client:
        return Client(self.programs[0].port, path=f"/room/{room}", message=compact({"type": "message", "text": BODY}))
