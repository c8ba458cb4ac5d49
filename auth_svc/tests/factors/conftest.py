"""ada's app, with a clock that the test moves, and her passkey."""

from dataclasses import dataclass

import pytest
from django.core import mail

from abdre import jobs
from abdre.tests.authenticator import Authenticator
from auth_svc.tests.factors.ways import App, Clock, add_passkey, turn_on_app
from auth_svc.tests.people import Visitor

ORIGIN = "http://testserver"


@dataclass
class Held:
    """What ada has at hand: the app, and the codes on her sheet of paper."""

    app: App
    paper: list[str]


@pytest.fixture
def two_step(ada: Visitor, clock: Clock) -> Held:
    app, paper = turn_on_app(ada, clock)
    clock.forward()
    return Held(app, paper)


@pytest.fixture
def passkey(ada: Visitor) -> Authenticator:
    """The only factor of hers."""
    passkey = Authenticator(ORIGIN)
    assert add_passkey(ada, passkey).status_code == 201
    return passkey


@pytest.fixture
def letters(ada: Visitor) -> list[mail.EmailMessage]:
    """What is sent from now on, after `jobs.do_all`."""
    jobs.do_all()
    mail.outbox.clear()
    return mail.outbox
