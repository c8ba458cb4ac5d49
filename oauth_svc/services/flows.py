"""What somebody sets out to do at a provider: log in; or, being signed in, link an account or show that it is they."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal
from uuid import UUID

from django.core import signing

from auth_svc.services import require_recent
from oauth_svc.errors import FlowExpired, ProviderNotFound
from oauth_svc.selectors import offered
from oauth_svc.services.linking import refuse_guest

Process = Literal["login", "connect", "reauthenticate"]

SALT = "oauth.flow"
# From the answer to our page until the browser follows it.
TICKET_S = 60


@dataclass(frozen=True)
class Flow:
    """`next`: the path of ours to go on at; `session`: whose, of what only somebody signed in may begin."""

    provider: str
    next: str
    process: Process = "login"
    session: str = ""

    def belongs_to(self, session_id: UUID | None) -> bool:
        return self.session == str(session_id)


def ticket(*, provider: str, process: Process, next_path: str, user_id: UUID, session_id: UUID) -> str:
    """With which this session, and no other, may begin at the provider. Raises ProviderNotFound, AccountRequired,
    ReauthenticationRequired, SecondFactorNeeded.
    """
    if provider not in offered():
        raise ProviderNotFound
    refuse_guest(user_id)
    if process == "connect":
        # Here and not at the return: who may begin has ten minutes, in the same session, to come back.
        require_recent(session_id=session_id)
    return signing.dumps(asdict(Flow(provider, next_path, process, str(session_id))), salt=SALT)


def redeemed(text: str, *, provider: str, session_id: UUID | None) -> Flow:
    """Raises FlowExpired, also for another session's or another provider's."""
    try:
        flow = Flow(**signing.loads(text, salt=SALT, max_age=TICKET_S))
    except signing.BadSignature as problem:
        raise FlowExpired from problem
    if flow.provider != provider or not flow.belongs_to(session_id):
        raise FlowExpired
    return flow
