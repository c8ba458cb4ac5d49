"""The image: what goes into it, from where, and how it is asked whether its role is ready."""

import re
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from deploy.ci.jobs import ROOT

DOCKER = ROOT / "deploy" / "docker"
PIN = re.compile(r"^([a-z0-9.-]+==[^ \n]+)", re.MULTILINE)
HASHED = re.compile(r"^([a-z0-9.-]+==\S+) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE)


def test_the_image_installs_what_is_pinned_and_only_bytes_that_are_known():
    """Else: `make requirements`."""
    pinned = PIN.findall((ROOT / "requirements.txt").read_text())
    hashed = HASHED.findall((DOCKER / "requirements.txt").read_text())

    assert sorted(pin for pin, _hashes in hashed) == sorted(pinned)
    assert "--require-hashes" in (DOCKER / "Dockerfile").read_text()


def test_every_base_can_be_given_by_its_digest():
    bases = [line for path in DOCKER.glob("*Dockerfile") for line in re.findall(r"^FROM (\S+)", path.read_text(), re.M)]

    assert set(bases) == {"${PYTHON_IMAGE}", "${CADDY_IMAGE}"}


class Answers(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/readyz" else 404)
        self.end_headers()
        self.wfile.write(b"database: away")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def role() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1), (500, 1)])
def test_a_container_is_healthy_while_its_role_is_ready(
    role: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch, status: int, code: int
):
    monkeypatch.setattr(Answers, "status", status)

    done = asked_of(role.server_port)

    assert done.returncode == code
    assert ("database: away" in done.stdout) is bool(code)  # what the engine keeps of a probe that failed


def test_a_container_is_not_healthy_where_nobody_listens(role: ThreadingHTTPServer):
    port = role.server_port
    role.server_close()

    assert asked_of(port).returncode == 1


def asked_of(port: int) -> subprocess.CompletedProcess[str]:
    environment = {"PORT": str(port), "PATH": "/usr/bin:/bin"}
    entry_point = [str(DOCKER / "entrypoint"), "healthy"]
    return subprocess.run(entry_point, env=environment, capture_output=True, text=True, check=False)
