"""What a browser says of an error keeps its sense and loses whatever may be somebody's."""

import time

import pytest

from auth_svc.services.scrubbing import scrub, scrub_stack

UUID = "0a1b2c3d-0000-4000-8000-00000000000a"
TOKEN = "Zk3-q_XyB7wR0hT5uLmNpQsV2aCdEfGi"
JWT = f"eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIx{TOKEN}.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("no user ada.lovelace+chat@mail.example.org here", "no user *** here"),
        ("почта ада@пример.рф", "почта ***"),
        (f"GET /join/{TOKEN} failed", "GET /join/*** failed"),
        ("GET /join/short failed", "GET /join/*** failed"),
        (f"https://chat.example.org/join/{TOKEN}", "/join/***"),
        (f"Authorization: Bearer {TOKEN}", "Authorization: ***"),
        ("bearer short", "***"),
        (f"refused {JWT}.", "refused ***."),
        (f"token {TOKEN}", "token ***"),
        ("token AbCdEfGhIjKlMnOpQrStUvWxYzAbCdEfGh", "token ***"),
        ("hash 9f86d081884c7d65", "hash ***"),
        (f"chat {UUID} of {UUID.upper()}", "chat :id of :id"),
        (f"/chats/{UUID}/messages/12", "/chats/:id/messages/12"),
        ("call 77011234567", "call ***"),
        ("call +7 (701) 123-45-67 now", "call *** now"),
        ("from 192.168.100.17", "from ***"),
        ("/login?next=%2Fchats&code=1 failed", "/login failed"),
        ("/chats#secret", "/chats"),
        ("https://user:password@example.org/a?b=c", "/a"),
        ("wss://chat.example.org/ws?x=1 closed", "/ws closed"),
        ("""Unexpected token 'h', "hello wor"... is not valid JSON""", "invalid JSON"),
        (
            """SyntaxError: Unexpected token '{', ..."{"body":"he said "no"... is not valid JSON""",
            "SyntaxError: invalid JSON",
        ),
        ('JSON Parse error: Unexpected identifier "hello"', "invalid JSON"),
        ("'#who is there' is not a valid selector", "… is not a valid selector"),
        ('cannot show "see you\nat eight"', "cannot show …"),
        ("cannot show “see you at eight”", "cannot show …"),
    ],
)
def test_what_may_be_somebodys_is_cut(said: str, kept: str):
    assert scrub(said) == kept


@pytest.mark.parametrize(
    "said",
    [
        "Uncaught TypeError: Cannot read properties of undefined (reading 'last_message')",
        'can\'t access property "seq", item is undefined',
        "undefined is not an object (evaluating 'a?.b.seq')",
        "Cannot read private member #sender from an object whose class did not declare it",
        "Unexpected token '}'",
        "/static/js/timeline_store.js",
        "/static/js/timeline_store.55e7cbb9ba48.js",
        "ResizeObserver loop completed with undelivered notifications.",
        "it doesn't work, and can't",
        "",
    ],
)
def test_what_helps_to_find_the_error_stays(said: str):
    assert scrub(said) == said


def test_of_a_stack_stay_the_places():
    chromium = (
        "Error: see you\nat eight o'clock\n"
        "    at draw (https://chat.example.org/static/js/timeline.js:10:5)\n"
        f"    at https://chat.example.org/join/{TOKEN}?x=1:3:7\n    at async Promise.all (index 0)"
    )
    firefox = "draw@http://chat.house:8000/static/js/timeline.js:10:5\n@http://chat.house:8000/static/js/main.js:3:7\n"

    assert scrub_stack(chromium) == "at draw (/static/js/timeline.js:10:5)\nat /join/***:3:7"
    assert scrub_stack(firefox) == "draw@/static/js/timeline.js:10:5\n@/static/js/main.js:3:7"


@pytest.mark.parametrize("text", ["a", "/", "1 ", "a@", "'", '"', ".", "eyJ", "a-", "/?", ":1", "http://", "Bearer "])
def test_repeating_costs_no_more_than_its_length(text: str):
    began = time.process_time()

    scrub(text * 4_000)
    scrub_stack(text * 4_000)

    assert time.process_time() - began < 1
