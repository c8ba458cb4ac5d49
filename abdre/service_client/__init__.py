"""Asking the services: over HTTP in the split, in process in the all-in-one."""

from abdre.service_client.calls import Answer, ServiceAway, call
from abdre.service_client.clients import clients, close

__all__ = ["Answer", "ServiceAway", "call", "clients", "close"]
