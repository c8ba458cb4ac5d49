"""nginx with the nchan module: publish and subscribe in C, the fastest of the servers that were not written here."""

import string
import subprocess
from pathlib import Path

from deploy.bench.peers import BODY, Client, Ground, Missing, OfPrograms, compact
from deploy.ci.servers import program

CONFIGURATION = Path(__file__).parent / "nchan/nginx.conf"
# Debian's, which `deploy/ci/deps bench` installs: a module fits only the nginx that it was built with.
MODULE = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")
PACKAGES = ["nginx", "libnginx-mod-nchan"]


class Nchan(OfPrograms):
    name = "nchan + Redis"
    setting = (
        "one worker, WebSocket both ways, Redis only carries messages between servers (nostore), nothing kept for "
        "latecomers, no access log, no compression; shared memory and connections so large that neither is a limit"
    )

    @classmethod
    def install(cls, home: Path) -> None:
        program("nginx", package="nginx")
        if not MODULE.exists():
            raise Missing("nginx has no nchan: apt-get install libnginx-mod-nchan")

    @classmethod
    def versions(cls, home: Path) -> dict[str, str]:
        asked = ["dpkg-query", "--show", "--showformat=${Package} ${Version}\n", *PACKAGES]
        answer = subprocess.run(asked, capture_output=True, text=True, check=True)
        return dict(line.split(" ", 1) for line in answer.stdout.splitlines())

    def start(self, ground: Ground) -> None:
        own = self.program("nchan", cpus=ground.cpus)
        folder = own.folder
        text = string.Template(CONFIGURATION.read_text())
        values = {"PORT": str(own.port), "REDIS_URL": ground.redis_url, "MODULE": str(MODULE)}
        (folder / "nginx.conf").write_text(text.safe_substitute(values))  # nginx has $variables of its own
        command = [program("nginx", package="nginx"), "-p", str(folder), "-c", "nginx.conf", "-e", "stderr"]
        own.run(command, environment={}, folder=folder)

    def client(self, index: int, room: int, *, door: int = 0) -> Client:
        return Client(self.programs[0].port, path=f"/room/{room}", message=compact({"type": "message", "text": BODY}))
