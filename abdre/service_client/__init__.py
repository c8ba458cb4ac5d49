"""Asking the services: over HTTP in the split, in process in the all-in-one."""

from purgatory.domain.model import CLOSED, HALF_OPENED, OPENED

from abdre.service_client.calls import TIMEOUT_S, Answer, call
from abdre.service_client.clients import close, states, way_to
from abdre.service_client.errors import ServiceAway
from abdre.service_client.upstream import PROBLEMS

__all__ = [
    "CLOSED",
    "HALF_OPENED",
    "OPENED",
    "PROBLEMS",
    "TIMEOUT_S",
    "Answer",
    "ServiceAway",
    "call",
    "close",
    "states",
    "way_to",
]
