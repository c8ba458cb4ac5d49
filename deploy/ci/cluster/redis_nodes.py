"""Several Redis on this machine: a master with a replica and three sentinels, or a cluster."""

import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Self

from deploy.ci.servers import Redis, free_port, program

WHOLE_WITHIN_S = 30
# Shorter than anybody would set it, so that who waits for it does not wait long.
DOWN_AFTER_MS = 1000
SLOTS = 16384


class Node(Redis):
    """A Redis with words of its own, which keeps its place when it is started again."""

    def __init__(self, *words: str) -> None:
        super().__init__()
        self.words = words

    def start_again(self) -> None:
        where = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder)]
        keeps_nothing = ["--save", "", "--appendonly", "no", "--repl-diskless-sync-delay", "0"]
        self.launch([program("redis-server", package="redis-server"), *where, *keeps_nothing, *self.words])

    def say(self, *words: str) -> str:
        """What it answers. Raises CalledProcessError where nobody does."""
        command = ["redis-cli", "-e", "-p", str(self.port), *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    def answers(self, *words: str) -> str:
        """The same, and nothing where nobody does."""
        try:
            return self.say(*words)
        except subprocess.CalledProcessError:
            return ""

    @property
    def is_master(self) -> bool:
        return self.answers("ROLE").startswith("master")


class SentinelNode(Redis):
    """Redis in the sentinels' way: its configuration file is its memory."""

    name = "sentinel"

    def __init__(self, text: str) -> None:
        super().__init__()
        self.configuration = self.folder / "sentinel.conf"
        self.configuration.write_text(f"port {self.port}\nbind 127.0.0.1\ndir {self.folder}\n{text}")

    def start_again(self) -> None:
        self.launch([program("redis-server", package="redis-server"), str(self.configuration), "--sentinel"])


class Several:
    """Started together, ended together."""

    def __init__(self) -> None:
        self._belongings = ExitStack()
        self.nodes: list[Node] = []

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self._belongings.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._belongings.close()

    def start(self) -> None:
        raise NotImplementedError

    @property
    def url(self) -> str:
        raise NotImplementedError

    def add(self, *words: str) -> Node:
        node = self._belongings.enter_context(Node(*words))
        self.nodes.append(node)
        return node


class Sentinels(Several):
    """A master, a replica, and three sentinels of whom two must agree."""

    master_name = "abdre"

    def start(self) -> None:
        master = self.add()
        self.add("--replicaof", "127.0.0.1", str(master.port))
        text = "\n".join(
            [
                f"sentinel monitor {self.master_name} 127.0.0.1 {master.port} 2",
                f"sentinel down-after-milliseconds {self.master_name} {DOWN_AFTER_MS}",
                f"sentinel failover-timeout {self.master_name} 5000\n",
            ]
        )
        self.sentinels = [self._belongings.enter_context(SentinelNode(text)) for _ in range(3)]
        until(lambda: all(_knows_all(one.port, self.master_name) for one in self.sentinels))

    @property
    def url(self) -> str:
        hosts = ",".join(f"127.0.0.1:{one.port}" for one in self.sentinels)
        return f"redis+sentinel://{hosts}/{self.master_name}"

    @property
    def master(self) -> Node:
        return next(node for node in self.nodes if node.is_master)


def _knows_all(port: int, master_name: str) -> bool:
    told = subprocess.run(
        ["redis-cli", "-p", str(port), "SENTINEL", "MASTER", master_name], capture_output=True, text=True, check=False
    ).stdout.split("\n")
    facts = dict(zip(told[::2], told[1::2], strict=False))
    return facts.get("num-slaves") == "1" and facts.get("num-other-sentinels") == "2"


class Cluster(Several):
    """Three masters, and each with a replica where somebody is to take over."""

    def __init__(self, *, has_replicas: bool) -> None:
        super().__init__()
        self.has_replicas = has_replicas

    def start(self) -> None:
        bus_ports = [free_port() for _ in range(6 if self.has_replicas else 3)]
        timeout = ["--cluster-node-timeout", str(DOWN_AFTER_MS), "--cluster-replica-validity-factor", "0"]
        for port in bus_ports:
            self.add("--cluster-enabled", "yes", "--cluster-port", str(port), *timeout)
        first = self.nodes[0]
        for node, port in zip(self.nodes[1:], bus_ports[1:], strict=True):
            first.say("CLUSTER", "MEET", "127.0.0.1", str(node.port), str(port))
        masters, replicas = self.nodes[:3], self.nodes[3:]
        for node, start, end in _shares(masters):
            node.say("CLUSTER", "ADDSLOTSRANGE", str(start), str(end))
        until(lambda: all(_known(node) == len(self.nodes) for node in self.nodes))
        for replica, master in zip(replicas, masters, strict=False):
            replica.say("CLUSTER", "REPLICATE", master.say("CLUSTER", "MYID"))
        until(self.is_whole)

    def is_whole(self) -> bool:
        running = [node for node in self.nodes if node.process is not None]
        return all("cluster_state:ok" in node.answers("CLUSTER", "INFO") for node in running) and not any(
            "master_link_status:down" in node.answers("INFO", "replication") for node in running
        )

    @property
    def url(self) -> str:
        return f"redis+cluster://{','.join(f'127.0.0.1:{node.port}' for node in self.nodes)}"

    @property
    def masters(self) -> Sequence[Node]:
        return [node for node in self.nodes if node.is_master]


def _shares(masters: Sequence[Node]) -> list[tuple[Node, int, int]]:
    share = SLOTS // len(masters) + 1
    return [(node, n * share, min((n + 1) * share, SLOTS) - 1) for n, node in enumerate(masters)]


def _known(node: Node) -> int:
    return sum("connected" in line for line in node.answers("CLUSTER", "NODES").splitlines())


def until(fact: Callable[[], bool], within_s: float = WHOLE_WITHIN_S) -> None:
    deadline = time.monotonic() + within_s
    while not fact():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {within_s} s")
        time.sleep(0.05)
