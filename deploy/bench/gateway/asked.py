"""What is asked through every proxy, as the contract has it."""

from deploy.bench.gateway.http_load import NUMBER, Request
from deploy.bench.gateway.upstream import CHAT
from deploy.bench.peers import compact

MESSAGES = f"/api/chats/{CHAT}/messages"
AGENT = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36",
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Accept-Language": "en-GB,en;q=0.9,ru;q=0.8",
}
PAGE = {
    "Referer": f"https://chat.example.org/chats/{CHAT}",
    "Sec-Fetch-Dest": "empty",
    "Sec-Fetch-Mode": "cors",
    "Sec-Fetch-Site": "same-origin",
    "sec-ch-ua": '"Chromium";v="142", "Not_A Brand";v="99"',
    "sec-ch-ua-mobile": "?0",
    "sec-ch-ua-platform": '"Linux"',
}
CSRF = "csrftoken=Zl3mVh0qX8yB2nT5cK7rJ9wD4sF6gA1e"


def by_client(token: str) -> Request:
    """The next messages, asked for by a program that signs with its token."""
    headers = {"Authorization": f"Bearer {token}", **AGENT, "Cookie": CSRF}
    return Request("GET", f"{MESSAGES}?after={NUMBER}&limit=50", headers)


def by_browser(token: str) -> Request:
    """The same by a page of ours, whose person is known by two cookies."""
    cookies = f"abdre_access={token}; abdre_refresh=Xw5tq0pGm1nYb7Jc3ZkVhR9uLs2eD8fAoT4iB6xN0Qy; {CSRF}"
    return Request("GET", f"{MESSAGES}?after={NUMBER}&limit=50", {**AGENT, **PAGE, "Cookie": cookies})


def post(token: str) -> Request:
    """A message posted by a program."""
    said = {"client_id": "018f3b1e-7c3a-7d10-9d0c-3f4b5a697881", "body": "the quick brown fox jumps over the lazy dog"}
    headers = {"Authorization": f"Bearer {token}", **AGENT, "Cookie": CSRF, "Idempotency-Key": f"{NUMBER}-7d10"}
    return Request("POST", MESSAGES, headers, compact(said), status=201)
