"""What the runs showed: rows with their targets, and the figures behind them."""

from collections.abc import Sequence

from deploy.bench.write_path.runs import Result
from deploy.bench.write_path.ways import POOL_SIZE


def results(raw: Result) -> list[Result]:
    """The table's rows: `met` is None where nothing was demanded."""

    def row(name: str, peer: str, our: float, theirs: float, wanted: str = "") -> Result:
        ratio = our / theirs
        sign, _, bound = wanted.partition(" ")
        met = None if not wanted else ratio >= float(bound) if sign == "≥" else ratio <= float(bound)
        return {
            "name": name,
            "ours": our,
            "peer": peer,
            "peer_value": theirs,
            "ratio": ratio,
            "target": wanted or None,
            "met": met,
        }

    def median(scenario: str, way: str, figure: str) -> float:
        return float(raw[scenario][way][figure]["median"])

    rows = []
    demands = {
        ("1 chat, 64 senders", "tutorial"): "≥ 40",
        ("1 chat, 64 senders", "one_statement"): "≥ 10",
        ("50 chats, 64 senders", "tutorial"): "",
        ("50 chats, 64 senders", "one_statement"): "",
    }
    for (scenario, peer), wanted in demands.items():
        values = (median(scenario, way, "per_second") for way in ("ours", peer))
        rows.append(row(f"{scenario}: committed messages/s", PEERS[peer], *values, wanted))
    values = (median("1 chat, 1 sender", way, "p50_ms") for way in ("ours", "bare_commit"))
    rows.append(row("1 chat, 1 sender: p50 submit to answer, ms", PEERS["bare_commit"], *values, "≤ 1.5"))
    least, *_, most = raw["growth"]
    values = (median("growth", size, "cpu_us") for size in (most, least))
    rows.append(row(f"CPU µs a message at {most} stored in the chat", f"at {least}", *values, "≤ 1.1"))
    return rows


PEERS = {
    "ours": "the writer",
    "tutorial": "Channels tutorial: database_sync_to_async, transaction, select_for_update",
    "one_statement": f"one statement a message, psycopg pool of {POOL_SIZE}",
    "bare_commit": "bare single-row commit",
}


def table(rows: Sequence[Result]) -> str:
    head = ["| what | ours | beside | theirs | ratio | target | met |", "|---|---:|---|---:|---:|---|---|"]
    words = {None: "", True: "yes", False: "**no**"}
    return "\n".join(
        head
        + [
            f"| {row['name']} | {row['ours']:,.2f} | {row['peer']} | {row['peer_value']:,.2f} | {row['ratio']:.2f} "
            f"| {row['target'] or ''} | {words[row['met']]} |"
            for row in rows
        ]
    )


def details(raw: Result) -> str:
    lines = [
        "| scenario | way | messages/s (lowest to highest) | p50 ms | p99 ms | CPU µs |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for scenario, ways in raw.items():
        for way, values in ways.items():
            rate, *others = values.values()
            medians = " | ".join(f"{one['median']:,.2f}" for one in others)
            spread = f"{rate['median']:,.0f} ({rate['lowest']:,.0f} to {rate['highest']:,.0f})"
            lines.append(f"| {scenario} | {PEERS.get(way, way)} | {spread} | {medians} |")
    return "\n".join(lines)
