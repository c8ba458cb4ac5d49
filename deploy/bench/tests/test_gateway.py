"""The gateway's part: what is asked, what is added to a latency, and when its targets are met."""

from collections.abc import Sequence

from deploy.bench.gateway.asked import by_browser, by_client, post
from deploy.bench.gateway.http_load import NUMBER, Request, answers
from deploy.bench.gateway.report import DIRECT, DJANGO, NGINX, OURS, added, details, rows
from deploy.bench.gateway.runs import ASKED, BROWSER, CALM, GET, POST, SOCKETS
from deploy.bench.gateway.upstream import ANSWER_TO_GET
from deploy.bench.rows import Row
from deploy.bench.run import Outcome


def runs_of(outcomes: dict[str, dict[str, Sequence[Outcome]]]) -> dict[str, dict[str, Sequence[Outcome]]]:
    return {what.key: outcomes.get(what.key, {}) for what in (*ASKED, SOCKETS)}


def cost(*us: float) -> list[Outcome]:
    return [Outcome({"cpu_us": one, "requests_per_s": 1e6 / one}) for one in us]


def latency(*ms: float) -> list[Outcome]:
    return [Outcome({"p50_ms": one, "p99_ms": 2 * one}) for one in ms]


def the_row(found: list[Row], beginning: str, peer: str) -> Row:
    (wanted,) = [row for row in found if row["name"].startswith(f"gateway, {beginning}") and row["peer"] == peer]
    return wanted


def test_a_request_says_its_length_and_ends_its_head():
    text = Request("POST", "/a", {"Accept": "b"}, '{"c":"ж"}', status=201).text

    head, _, body = text.partition("\r\n\r\n")

    assert head.splitlines() == [
        "POST /a HTTP/1.1",
        "Host: chat.example.org",
        "Accept: b",
        "Content-Type: application/json",
        f"Content-Length: {len(body.encode())}",
    ]


def test_each_request_has_one_place_for_its_number():
    assert [kind("token").text.count(NUMBER) for kind in (by_client, by_browser, post)] == [1, 1, 1]


def test_a_browser_is_known_by_cookies_and_a_program_by_its_token():
    assert "Authorization" not in by_browser("t").headers
    assert "abdre_access=t; abdre_refresh=" in by_browser("t").headers["Cookie"]
    assert by_client("t").headers["Authorization"] == "Bearer t"


def test_an_answer_fits_into_a_line_of_nginx_configuration():
    assert 1_000 < len(ANSWER_TO_GET) < 4_096
    assert "'" not in ANSWER_TO_GET


def test_the_generators_answer_becomes_figures():
    found = answers(
        '{"requests": 100, "wrong": 1, "closed": 0, "under_way": 2, "p50_ms": 0.25, "p99_ms": 1.5, "cpu_s": 0.5, '
        '"seconds": 2.0}\n'
    )

    assert (found.requests, found.wrong, found.p99_ms, found.share) == (100, 1, 1.5, 0.25)


def test_what_a_proxy_adds_is_its_latency_less_that_without_one():
    runs = runs_of({CALM.key: {DIRECT: latency(0.2, 0.3, 0.9), OURS: latency(0.5, 1.3)}})

    assert [round(value, 6) for value in added(runs, OURS, "p50_ms")] == [0.2, 1.0]
    assert [round(value, 6) for value in added(runs, OURS, "p99_ms")] == [0.4, 2.0]


def test_what_is_less_than_chance_has_no_ratio():
    found = rows(runs_of({CALM.key: {DIRECT: latency(0.5), OURS: latency(0.4), NGINX: latency(0.6)}}))

    beside_nginx = the_row(found, f"{CALM.title}: p99", NGINX)

    assert beside_nginx["ours"] is not None
    assert beside_nginx["ours"] < 0
    assert beside_nginx["ratio"] is None


def test_half_a_millisecond_may_be_added():
    direct = latency(0.25)

    met = rows(runs_of({CALM.key: {DIRECT: direct, OURS: latency(0.75)}}))
    missed = rows(runs_of({CALM.key: {DIRECT: direct, OURS: latency(0.8)}}))

    assert the_row(met, f"{CALM.title}: p50", "the limit")["met"] is True
    assert the_row(missed, f"{CALM.title}: p50", "the limit")["met"] is False


def test_every_kind_of_request_costs_a_fifteenth_of_the_view_and_fifteen_times_nginx_at_most():
    for what in (GET, BROWSER, POST):
        found = rows(runs_of({what.key: {OURS: cost(90, 100, 400), DJANGO: cost(1500), NGINX: cost(6)}}))

        beside_django, beside_nginx = (the_row(found, f"{what.title}: CPU", peer) for peer in (DJANGO, NGINX))
        assert (beside_django["ours"], beside_django["met"]) == (100, True)
        assert beside_nginx["met"] is False


def test_a_delivered_message_costs_twice_nginx_at_most():
    for ours, is_met in ((20, True), (21, False)):
        found = rows(runs_of({SOCKETS.key: {OURS: cost(ours), NGINX: cost(10)}}))

        assert the_row(found, SOCKETS.title, NGINX)["met"] is is_met


def test_what_could_not_be_measured_is_missed_and_not_left_out():
    found = rows(runs_of({}))

    assert {row["met"] for row in found if row["target"]} == {False}
    assert len([row for row in found if row["target"]]) == 8


def test_a_run_stands_in_the_details_with_its_busy_cores_marked():
    figures = {"cpu_us": 20.0, "requests_per_s": 30_000.0, "p50_ms": 2.0, "p99_ms": 3.0}
    busy = Outcome(figures, generator_share=0.5, server_core_busy=1, other_cores_busy=0.97)

    *_, line, _, _ = details(runs_of({GET.key: {NGINX: [busy]}})).splitlines()

    assert line.startswith(f"| {GET.title} | {NGINX} | 20 (20 to 20) | 30,000 (30,000 to 30,000) | 2 | 3 |")
    assert line.endswith("| 50% | 100% | 97% **!** |")
