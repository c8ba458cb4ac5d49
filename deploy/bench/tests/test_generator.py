"""What is said to the load generator, and what it says."""

from deploy.bench.generator import Seat, escaped, figures, plan
from deploy.bench.peers import BODY, Client, Step, compact

CLIENT = Client(
    port=4711,
    path="/room/1",
    headers={"Authorization": "Bearer x"},
    opening=(Step("0{", "40"), Step("resumed", again=True)),
    message=compact({"text": BODY}),
    first_version=7,
)


def test_its_answer_becomes_figures():
    answer = (
        '{"deliveries": 1000, "messages": 100, "sent": 101, "lost": 1, "closed": 0, "doubled": 0, "skipped": 0, '
        '"p50_ms": 1.5, "p99_ms": 9.25, "cpu_s": 0.5, "seconds": 2.0}\n'
    )

    found = figures(answer)

    assert (found.deliveries, found.p99_ms, found.seconds) == (1000, 9.25, 2.0)
    assert found.share == 0.25


def test_a_client_that_writes_has_a_message_and_one_that_reads_has_none():
    writer, reader = plan([Seat(CLIENT, 3)]), plan([Seat(CLIENT, 3, writes=False)])

    assert 'message\t{"text":"%BODY%"}' in writer
    assert "message" not in reader


def test_a_client_tells_its_place():
    first, *_ = plan([Seat(CLIENT, 3, watch=5, stays=True)]).splitlines()

    assert first == "client\t4711\t3\t5\t1\t7"


def test_steps_keep_their_order_and_say_which_are_for_those_who_come_back():
    lines = plan([Seat(CLIENT, 0)]).splitlines()

    assert [line for line in lines if line.startswith("step")] == ["step\t0\t0{\t40", "step\t1\tresumed\t"]


def test_a_handshake_fits_into_one_line():
    _, request, *_ = plan([Seat(CLIENT, 0)]).splitlines()

    assert request.startswith("request\tGET /room/1 HTTP/1.1\\r\\nHost: 127.0.0.1:4711\\r\\n")
    assert request.endswith("Authorization: Bearer x\\r\\n\\r\\n")


def test_nothing_in_a_text_ends_its_line_or_value():
    assert escaped("a\tb\r\nc\\") == "a\\tb\\r\\nc\\\\"
