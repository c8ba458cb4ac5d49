"""What each endpoint asks of the database, at most; the savepoints that tests add are counted too."""

from collections.abc import Callable

import pytest

from auth_svc.tests.people import PASSWORD, Visitor

# Signing in, in whatever way, locks the person, as does ending their sessions. Logging in asks for a second factor as
# well, and so does every change of how one signs in. Whose session ends gets no push messages any more.
COSTS = {
    "guest": (lambda ada, nobody: nobody.post("/api/auth/guest", {"display_name": "Tom"}), 6),
    "register": (lambda ada, nobody: nobody.register("carol", email="carol@example.org"), 12),
    "login": (lambda ada, nobody: nobody.login("ada", PASSWORD), 7),
    "wrong password": (lambda ada, nobody: nobody.login("ada", "wrong"), 1),
    "refresh": (lambda ada, nobody: ada.refresh(), 9),
    "logout": (lambda ada, nobody: ada.post("/api/auth/logout"), 5),
    "a new error in a browser": (lambda ada, nobody: nobody.post("/api/auth/client-errors", {"message": "oh"}), 5),
    "login by an address of nobody's": (lambda ada, nobody: nobody.login("nobody@example.org", "wrong"), 1),
    "login by an address": (lambda ada, nobody: nobody.login("ada@example.org", "wrong"), 1),
    "address": (lambda ada, nobody: ada.get("/api/auth/email"), 1),
    "change of address": (lambda ada, nobody: ada.post("/api/auth/email", {"email": "new@example.org"}), 11),
    "another letter": (lambda ada, nobody: ada.post("/api/auth/email/resend"), 1),
    "change of password": (lambda ada, nobody: ada.post("/api/auth/password", {"password": "another one, long"}), 12),
    "asking for a reset": (
        lambda ada, nobody: nobody.post("/api/auth/password/reset", {"email": "ada@example.org"}),
        1,
    ),
    "a reset": (lambda ada, nobody: nobody.post("/api/auth/password/reset/confirm", {"key": "x", "password": "y"}), 0),
    "keys": (lambda ada, nobody: nobody.get("/api/auth/.well-known/jwks.json"), 0),
}


@pytest.mark.parametrize("name", COSTS)
def test_an_endpoint_keeps_to_its_budget(ada: Visitor, somebody: Visitor, name: str, count_queries):
    deed: Callable[[Visitor, Visitor], object]
    deed, budget = COSTS[name]
    ada.get("/api/auth/sessions")  # that her session lives is asked once in two seconds, whatever she does

    assert count_queries(lambda: deed(ada, somebody)) <= budget
