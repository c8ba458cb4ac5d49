"""Debian's Prometheus for one run, with our rules, asking so many processes of this machine."""

import json
import math
import urllib.parse
import urllib.request
from collections.abc import Sequence
from typing import Any, NamedTuple

import yaml

from deploy.ci.servers import Server, program
from deploy.observability.queries import RULES

EVERY = "1s"


class Target(NamedTuple):
    role: str
    port: int


class Prometheus(Server):
    name = "prometheus"

    def __init__(self, targets: Sequence[Target]) -> None:
        super().__init__()
        self.targets = targets

    def start(self) -> None:
        config = self.folder / "prometheus.yml"
        config.write_text(yaml.safe_dump(self._config()))
        where = [f"--config.file={config}", f"--storage.tsdb.path={self.folder / 'data'}"]
        listens = [f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=warn"]
        self.launch([program("prometheus", package="prometheus"), *where, *listens])

    def _config(self) -> dict[str, Any]:
        """As deploy/observability/prometheus/prometheus.yml, but for where the processes are, and more often."""
        asked = [{"targets": [f"127.0.0.1:{port}"], "labels": {"role": role}} for role, port in self.targets]
        return {
            "global": {"scrape_interval": EVERY, "evaluation_interval": EVERY},
            "rule_files": [str(RULES)],
            "scrape_configs": [{"job_name": "abdre", "honor_labels": True, "static_configs": asked}],
        }

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def series(self, query: str) -> int:
        """How many series the query brings now that have a value."""
        found = self._get("query", query=query)["result"]
        return sum(not math.isnan(float(one["value"][1])) for one in found)

    def rules(self) -> dict[str, bool]:
        """Of each whether Prometheus can evaluate it."""
        groups = self._get("rules")["groups"]
        return {f"rule {rule['name']}": rule["health"] == "ok" for group in groups for rule in group["rules"]}

    def _get(self, what: str, **asked: str) -> Any:
        url = f"http://127.0.0.1:{self.port}/api/v1/{what}?{urllib.parse.urlencode(asked)}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]
