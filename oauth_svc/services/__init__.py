"""Use cases of oauth_svc, by subject: what a provider says, coming in by it, linking, and the way there."""

from oauth_svc.services.arriving import arrive
from oauth_svc.services.claims import PENDING_S, Claims
from oauth_svc.services.flows import Flow, Process, redeemed, ticket
from oauth_svc.services.linking import link, link_pending, pending_claims, reauthenticate, unlink

__all__ = [
    "PENDING_S",
    "Claims",
    "Flow",
    "Process",
    "arrive",
    "link",
    "link_pending",
    "pending_claims",
    "reauthenticate",
    "redeemed",
    "ticket",
    "unlink",
]
