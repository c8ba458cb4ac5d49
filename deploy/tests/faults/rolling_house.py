"""The house that is replaced while people live in it: an edge, and two processes of every role."""

import os
from collections.abc import Sequence

from deploy.ci.jobs import ROOT
from deploy.ci.servers import Server, free_port, program
from deploy.ci.stack import INNER_ROLES, NOT_FOR_THE_GATEWAY, WORKER, Role, Stack, plain_environment
from deploy.tests.faults.house import House

# What an operator would write, but for the certificates: it learns from /readyz who may be asked, and asks another one
# where nothing was sent, or for a GET. It believes us who the clients are. Not round_robin: asked twice at once, that
# of Caddy 2.6 may look only at the one that is leaving, and then says 503 to a POST.
CADDYFILE = """
{{
    admin off
    auto_https off
}}
http://127.0.0.1:{port} {{
    reverse_proxy {gateways} {{
        lb_policy least_conn
        lb_try_duration 10s
        lb_try_interval 100ms
        health_uri /readyz
        health_interval 1s
        health_timeout 10s
        trusted_proxies 127.0.0.1/32
    }}
}}
"""


class Edge(Server):
    """Caddy."""

    name = "edge"

    def __init__(self, gateways: Sequence[Role]) -> None:
        super().__init__()
        self.gateways = gateways

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        file = self.folder / "Caddyfile"
        file.write_text(CADDYFILE.format(port=self.port, gateways=" ".join(gateway.url for gateway in self.gateways)))
        homes = {"HOME": str(self.folder), "XDG_DATA_HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder)}
        caddy = program("caddy", package="caddy")
        command = [caddy, "run", "--config", str(file), "--adapter", "caddyfile"]
        self.launch(command, env={**plain_environment(), **homes})


class InTheImage(Role):
    """Started by the image's entry point: under gunicorn, but for realtime. The other of each pair starts sooner."""

    def command(self, under: str) -> list[str]:
        return ["deploy/docker/entrypoint", "serve"]


class Pairs(Stack):
    """Two of each; the gateways know both addresses of every service, and nobody tells them which one is leaving."""

    def start_roles(self) -> None:
        path = f"{ROOT}/.venv/bin:{os.environ['PATH']}"
        ports = {name: (free_port(), free_port()) for name in INNER_ROLES}
        upstreams = {
            f"ABDRE_{name.upper()}_URL": ",".join(f"http://127.0.0.1:{port}" for port in both)
            for name, both in ports.items()
        }
        environment = {**self.environment, **upstreams, "PATH": path, "ABDRE_TRUSTED_PROXIES": "1"}
        bare = {name: value for name, value in environment.items() if name not in NOT_FOR_THE_GATEWAY}
        bare["ABDRE_TRUSTED_PROXIES"] = "2"  # the edge, and the drill, which gives everybody an address of their own
        kinds = (InTheImage, Role)
        inner = [
            kind(name, environment, port=port)
            for name, both in ports.items()
            for kind, port in zip(kinds, both, strict=True)
        ]
        workers = [kind(WORKER, environment) for kind in kinds]
        gateways = [kind("gateway", bare) for kind in kinds]
        self.roles = [*inner, *workers, *gateways]
        for few in zip(self.roles[::2], self.roles[1::2], strict=True):
            for role in few:  # all fourteen at once would take too long for each
                self.belongings.callback(role.stop)
                role.begin()
            for role in few:
                role.wait_until_ready()


class RollingHouse(House):
    def _start(self) -> None:
        self.stack = self._belongings.enter_context(Pairs(self._environment))
        self.edge = self._belongings.enter_context(Edge(self.stack.all_of("gateway")))

    @property
    def url(self) -> str:
        return self.edge.url

    @property
    def servers(self) -> list[Server]:
        return [*self.stack.roles, self.edge]
