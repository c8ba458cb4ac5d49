"""All that a bench does, one section after the other; what breaks is noted and never left out silently."""

import json
import subprocess
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from deploy.bench import single
from deploy.bench.gateway import report as gateway_report
from deploy.bench.gateway import runs as gateway
from deploy.bench.gateway.proxies import PROXIES
from deploy.bench.gateway.selfcheck import check_requests
from deploy.bench.gateway.upstream import Upstream
from deploy.bench.install import HOME
from deploy.bench.peers import Missing
from deploy.bench.peers.all import PEERS, home_of
from deploy.bench.profile import hottest
from deploy.bench.report import Findings, number
from deploy.bench.rows import missed, rows_of, spread_of
from deploy.bench.run import Bench, Outcome, play
from deploy.bench.scenarios import BARE_COMMIT, LOAD_SCENARIOS, OURS, WS, Cut, Growth, Idle, Scenario
from deploy.bench.write_path.report import details

ADMIN_LINES = 24  # of hundreds


@dataclass
class Programme:
    """What to do, and what was found while doing it."""

    bench: Bench
    found: Findings
    rounds: int
    short: bool
    profile: bool
    idle: Idle
    cut: Cut
    growth: Growth
    absent: set[str] = field(default_factory=set)  # peers that could not be installed or started
    cost_by_size: dict[int, float] = field(default_factory=dict)
    cost_by_history: dict[int, float] = field(default_factory=dict)

    def sections(self) -> dict[str, Callable[[], None]]:
        loads = {scenario.key: self.load(scenario) for scenario in LOAD_SCENARIOS}
        return {
            **loads,
            "growth": self.do_growth,
            "idle": self.do_idle,
            "cut": self.do_cut,
            "write-path": self.do_write_path,
            "layer": self.do_layer,
            "gateway": self.do_gateway,
            "admin": self.do_admin,
        }

    def do(self, names: Sequence[str]) -> None:
        for name in names:
            say(f"── {name}")
            self.guarded(name, self.sections()[name])

    def guarded(self, what: str, deed: Callable[[], Any]) -> Any:
        """The outermost loop: a run that breaks is told in the results and by the exit code; the others go on."""
        try:
            return deed()
        except Exception as problem:  # noqa: BLE001  # whatever broke
            traceback.print_exc()
            self.found.faults.append(f"{what}: {str(problem).strip().splitlines()[0] if str(problem) else problem!r}")
            say(f"   BROKEN {self.found.faults[-1]}")
            return None

    # Peers.

    def install(self, names: Sequence[str]) -> None:
        for name in names:
            peer = (PEERS | PROXIES)[name]
            try:
                peer.install(home_of(peer))
                self.found.versions[name] = peer.versions(home_of(peer))
            except Missing as problem:
                self.absent.add(name)
                self.found.faults.append(f"{name} could not be installed: {problem}")
                say(f"   MISSING {self.found.faults[-1]}")
            self.found.settings[name] = peer.setting

    # Sections.

    def load(self, scenario: Scenario) -> Callable[[], None]:
        def do() -> None:
            runs: dict[str, list[Outcome]] = {name: [] for name in scenario.peers}
            for _ in range(self.rounds):
                for name in scenario.peers:
                    self.take_turn(scenario, name, runs[name])
            self.found.runs.append((scenario, runs))
            rows = rows_of(scenario, runs)
            self.found.rows += rows
            if scenario.note:
                self.found.notes.append(f"{scenario.title}: {scenario.note}.")
            self.note_threads(scenario, runs[scenario.peers[0]])
            if self.profile and missed(rows) and runs[scenario.peers[0]]:
                self.guarded(f"profile of {scenario.key}", partial(self.do_profile, scenario))

        return do

    def take_turn(self, scenario: Scenario, name: str, runs: list[Outcome]) -> None:
        if name in self.absent:
            return
        outcome = self.guarded(f"{scenario.key}, {name}", partial(play, self.bench, scenario, name))
        if outcome is None:
            return
        runs.append(outcome)
        values = ", ".join(f"{figure} {number(value)}" for figure, value in outcome.values.items())
        say(f"   {name}: {values}; generator {outcome.generator_share:.0%}, core {outcome.server_core_busy:.0%}")

    def note_threads(self, scenario: Scenario, runs: Sequence[Outcome]) -> None:
        """Ours by thread: how much is the event loop's and how much the writer's."""
        if not runs or not runs[-1].figures:
            return
        last, figures = runs[-1], runs[-1].figures
        parts = [
            f"{name} {seconds / figures.deliveries * 1e6:.3g}"
            for name, seconds in sorted(last.threads.items(), key=lambda item: -item[1])
            if seconds > 0.01 * sum(last.threads.values())
        ]
        self.found.notes.append(f"{scenario.title}: ours by thread, CPU µs per delivery: {', '.join(parts)}.")

    def do_profile(self, scenario: Scenario) -> None:
        file = HOME / f"profile-{scenario.key}.txt"
        play(self.bench, scenario, scenario.peers[0], profile=str(file))
        self.found.profiles[scenario.title] = hottest(file)

    def do_growth(self) -> None:
        runs: dict[int, list[Outcome]] = {size: [] for size in self.growth.sizes}
        for _ in range(min(self.rounds, 2)):
            for size, outcomes in runs.items():
                outcomes.append(single.grown(self.bench, self.growth, size))
                say(f"   {size}: {number(outcomes[-1].values['cpu_us'])} µs")
        for size, outcomes in runs.items():
            cost = spread_of(outcomes, "cpu_us")
            assert cost
            self.cost_by_size[size] = cost.median
            self.found.runs.append((single.growth_scenario(self.growth, size), {OURS: outcomes}))
        self.found.rows += single.growth_rows(self.growth, self.cost_by_size)

    def do_idle(self) -> None:
        kilobytes = {}
        for name in self.idle.peers:
            if name not in self.absent:
                measure = partial(single.idle_kb, self.bench, self.idle, name)
                kilobytes[name] = self.guarded(f"idle, {name}", measure)
                say(f"   {name}: {number(kilobytes[name])} KB a socket")
        self.found.rows += single.idle_rows(self.idle, kilobytes)

    def do_cut(self) -> None:
        comeback = single.cut_off(self.bench, self.cut)
        rows = single.cut_rows(self.cut, comeback)
        self.found.rows += rows
        self.found.notes.append(single.told(self.cut, comeback))
        say(f"   {self.found.notes[-1]}")
        if self.profile and missed(rows):
            file = HOME / "profile-cut.txt"
            single.cut_off(self.bench, self.cut, profile=str(file))
            self.found.profiles["clients cut off at once"] = hottest(file)

    def do_write_path(self) -> None:
        file = HOME / "write_path.json"
        options = ["--short"] if self.short else []
        command = [sys.executable, "-m", "deploy.bench.write_path", "--json", str(file), *options]
        subprocess.run(command, check=True)
        answer = json.loads(Path(file).read_text())
        self.found.rows += answer["results"]
        self.found.more["The write path"] = details(answer["raw"])
        growth = answer["raw"].get("growth", {})
        self.cost_by_history = {int(size): float(values["cpu_us"]["median"]) for size, values in growth.items()}

    def do_admin(self) -> None:
        file = HOME / "admin.md"
        file.unlink(missing_ok=True)
        times = "3" if self.short else "20"
        command = [sys.executable, "-m", "deploy.bench.admin", "--out", str(file), "--times", times]
        subprocess.run(command, check=False)  # ends with 1 also where a page is too slow, which is a result
        self.found.more["The admin, its slowest pages"] = "\n".join(file.read_text().splitlines()[:ADMIN_LINES])

    def do_layer(self) -> None:
        from deploy.bench import layer

        self.found.rows += layer.measure(self.short)

    def do_gateway(self) -> None:
        plan = gateway.SHORT if self.short else gateway.FULL
        self.found.notes.append(check_requests())
        with Upstream(self.bench) as upstream:
            runs = self.gateway_runs(upstream, plan)
            rows = gateway_report.rows(runs)
            self.found.rows += rows
            self.found.more["The gateway"] = gateway_report.details(runs)
            if self.profile and missed(rows):
                file = HOME / "profile-gateway.txt"
                gateway.profile(self.bench, upstream, plan, str(file))
                self.found.profiles[f"gateway, {gateway.GET.title}"] = hottest(file)

    def gateway_runs(self, upstream: Upstream, plan: gateway.Plan) -> gateway.Runs:
        runs: dict[str, dict[str, list[Outcome]]] = {
            what.key: {name: [] for name in what.proxies} for what in (*gateway.ASKED, gateway.SOCKETS)
        }
        for _ in range(self.rounds):
            token = upstream.token()  # which lives for ten minutes
            for name in PROXIES:
                if name in self.absent:
                    continue
                once = self.guarded(f"gateway, {name}", partial(gateway.play, self.bench, upstream, name, token, plan))
                for key, outcome in (once or {}).items():
                    runs[key][name].append(outcome)
                    told = ", ".join(f"{figure} {number(value)}" for figure, value in outcome.values.items())
                    say(f"   {name}, {key}: {told}; generator {outcome.generator_share:.0%}")
        return runs

    def wanted_peers(self, names: Sequence[str]) -> list[str]:
        """In the order of the table."""
        used = {name for scenario in LOAD_SCENARIOS if scenario.key in names for name in scenario.peers}
        used |= set(self.idle.peers) if "idle" in names else set()
        used |= {OURS} if {"cut", "growth"} & set(names) else set()
        used |= {WS, *PROXIES} if "gateway" in names else set()
        return [name for name in PEERS | PROXIES if name in used - {BARE_COMMIT}]


def say(line: str) -> None:
    print(line, flush=True)
