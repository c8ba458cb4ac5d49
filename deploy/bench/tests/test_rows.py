"""Ratios and targets: when is a row met, and what stands there when a figure could not be had?"""

from deploy.bench.rows import as_promised, missed, row, rows_of, spread
from deploy.bench.run import Outcome
from deploy.bench.scenarios import Scenario, Target

SCENARIO = Scenario(
    "hot",
    "a hot room",
    clients=10,
    rooms=1,
    peers=("ours", "ws"),
    targets=(Target("cpu_us", "ws", 0.5), Target("messages_per_s", "ws", 3, at_least=True), Target("p99_ms", "ws")),
)


def run(cpu_us: float, messages_per_s: float = 1) -> Outcome:
    return Outcome({"cpu_us": cpu_us, "messages_per_s": messages_per_s, "p99_ms": 1})


def test_a_cost_is_met_up_to_its_bound():
    assert row("cost", 5, "ws", 10, bound=0.5)["met"] is True
    assert row("cost", 5.1, "ws", 10, bound=0.5)["met"] is False


def test_a_throughput_is_met_from_its_bound():
    assert row("messages", 30, "ws", 10, bound=3, at_least=True)["met"] is True
    assert row("messages", 29, "ws", 10, bound=3, at_least=True)["met"] is False


def test_what_is_only_compared_is_neither_met_nor_missed():
    compared = row("cost", 5, "ws", 10)

    assert compared["ratio"] == 0.5
    assert compared["met"] is None
    assert missed([compared]) == []


def test_a_target_without_a_figure_is_missed():
    assert row("cost", None, "ws", 10, bound=1)["met"] is False
    assert row("cost", 5, "ws", None, bound=1)["met"] is False


def test_ratios_are_of_medians():
    runs = {"ours": [run(1), run(2), run(90)], "ws": [run(4), run(4), run(5)]}

    cost, *_ = rows_of(SCENARIO, runs)

    assert (cost["ours"], cost["peer_value"], cost["ratio"], cost["met"]) == (2, 4, 0.5, True)


def test_a_peer_that_did_not_run_is_not_left_out():
    rows = rows_of(SCENARIO, {"ours": [run(1)], "ws": []})

    assert [row["met"] for row in rows] == [False, False, None]
    assert [row["peer_value"] for row in rows] == [None, None, None]


def test_machines_get_the_keys_they_were_promised():
    compared, *_ = rows_of(SCENARIO, {"ours": [run(9), run(11)], "ws": [run(20)]})

    (promised,) = as_promised([compared])

    assert compared["spread"] == "20%, 0%"
    assert set(promised) == {"name", "ours", "peer", "peer_value", "ratio", "target", "met"}


def test_spread_is_the_distance_between_runs():
    found = spread([9, 10, 12])

    assert (found.median, found.lowest, found.highest) == (10, 9, 12)
    assert found.share == 0.3
