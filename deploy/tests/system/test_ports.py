"""Every server that the tests start has its port to itself, in whatever process it was asked for."""

import subprocess
import sys

import pytest

from deploy.ci import servers
from deploy.ci.jobs import ROOT

ASK = "from deploy.ci import servers; servers.PORTS = range({0}, {0} + 1); servers.free_port()"


def test_a_port_that_was_given_out_is_given_to_nobody_else(monkeypatch: pytest.MonkeyPatch):
    port = servers.free_port()
    monkeypatch.setattr(servers, "PORTS", range(port, port + 1))

    with pytest.raises(RuntimeError, match="no free port"):
        servers.free_port()
    other = subprocess.run([sys.executable, "-c", ASK.format(port)], cwd=ROOT, capture_output=True, check=False)
    assert b"no free port" in other.stderr
