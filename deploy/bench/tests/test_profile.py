"""Samples are summed by function, also where the sampler tore a name."""

from pathlib import Path

from deploy.bench.profile import hottest

STACKS = """\
process 7: python;main (server.py:1);write (realtime_svc/server.py:40) 6
process 7: python;main (server.py:1);torn
 name
process 7: python;main (server.py:1);read (realtime_svc/server.py:50) 2
"""


def test_a_torn_name_costs_its_sample_only(tmp_path: Path):
    file = tmp_path / "stacks"
    file.write_text(STACKS)

    found = {name: (alone, within) for name, alone, within in hottest(file)}

    assert [share for name, share in found.items() if "write" in name] == [(0.75, 0.75)]
    assert [share for name, share in found.items() if "main" in name] == []
    assert sum(alone for alone, _ in found.values()) == 1
