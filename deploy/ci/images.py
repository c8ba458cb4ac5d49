"""Builds every image and runs the composition, on an engine of its own: `make images`.

From nothing but Debian's and PyPI's packages: what a registry would give is stood in for. Says how long each
step took and what each image weighs; ends with the tally of deploy/tests/containers. Leaves nothing behind.
"""

import argparse
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from deploy.ci.engine import CannotRun, Engine, attempt
from deploy.ci.jobs import ROOT, Job, Runner, Tally, by_pytest

COMPOSE = ["docker", "compose", "--file", "deploy/compose/compose.yaml"]
BUILD = ["docker", "build", "--file", "deploy/docker/Dockerfile"]
TESTS = [
    sys.executable,
    "-m",
    "pytest",
    "-q",
    "--no-header",
    "--tb=short",
    "-p",
    "no:django",
    "deploy/tests/containers",
]
# Those of packages and of our code. The one of folders before them is dated by the builder.
LAYERS = ["docker", "image", "inspect", "--format", "{{slice .RootFS.Layers 2}}"]


@contextmanager
def timed(what: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    print(f"{time.monotonic() - began:7.1f} s  {what}", flush=True)


def run(engine: Engine, command: list[str]) -> str:
    done = attempt(engine.within(command), cwd=ROOT, env=engine.environment)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{done.stdout[-3000:]}\n{done.stderr[-5000:]}")
    return done.stdout


def build_and_start(engine: Engine) -> None:
    with timed("stand-ins for python, postgres, redis and caddy"):
        run(engine, ["sh", "deploy/docker/base/make-base.sh"])
    with timed("images of ours"):
        run(engine, [*COMPOSE, "build", "gateway", "edge"])
    with timed("from nothing to a healthy composition"):
        run(engine, [*COMPOSE, "up", "--wait", "--wait-timeout", "300"])
    for line in run(engine, ["docker", "images", "--format", "{{.Repository}}:{{.Tag}}\t{{.Size}}"]).splitlines():
        print(f"           {line.expandtabs(32)}")


def build_again(engine: Engine) -> Tally:
    """From nothing once more: the same layers?"""
    with timed("the image again, without what was kept of the first"):
        run(engine, [*BUILD, "--quiet", "--no-cache", "--tag", "abdre-chat:again", "."])
    is_same = run(engine, [*LAYERS, "abdre-chat:again"]) == run(engine, [*LAYERS, "abdre-chat:latest"])
    print(f"           its layers of packages and code are {'the same, bit by bit' if is_same else 'OTHERS'}")
    return Tally(int(is_same), int(not is_same))


def try_all(runner: Runner, *, short: bool) -> None:
    with ExitStack() as belongings:
        with timed("the engine, unpacked and started"):
            engine = belongings.enter_context(Engine())
        try:
            build_and_start(engine)
            tests = [*TESTS, "-m", "not lengthy"] if short else TESTS
            runner.run([Job("containers", engine.within(tests), engine.environment, by_pytest)])
            if not short:
                runner.add(build_again(engine))
        except RuntimeError as problem:
            print(f"FAILED: {problem}")
            runner.add(Tally(0, 1))
    left = list(left_behind(engine.folder))
    print("           the machine is as it was" if not left else f"LEFT BEHIND: {left}")
    runner.add(Tally(int(not left), int(bool(left))))


def left_behind(folder: Path) -> Iterator[str]:
    """What of an ended engine is still here: files, mounts, control groups, processes, and with these its network."""
    if folder.exists():
        yield str(folder)
    yield from (line for line in Path("/proc/self/mounts").read_text().splitlines() if folder.name in line)
    yield from (str(path) for path in Path("/sys/fs/cgroup").glob(f"**/{folder.name}"))
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if folder.name.encode() in command.read_bytes():
                yield f"process {command.parent.name}"
        except OSError:
            continue


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--short", action="store_true", help="the essentials, without what takes minutes")
    parser.add_argument("--if-possible", action="store_true", help="where no engine can run, say so and end well")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # unwinds, so that the engine ends and leaves nothing
    began = time.monotonic()
    runner = Runner()
    try:
        try_all(runner, short=options.short)
    except CannotRun as problem:
        print(f"NOT TRIED HERE, images and compose: this machine runs no engine: {problem}")
        return 0 if options.if_possible else 1
    finally:
        print(f"{time.monotonic() - began:7.1f} s  in all")
        print(runner.total)
    return 1 if runner.total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
