"""Clients that log what they sent, what was acked and what they saw; and a verdict over their logs."""

from deploy.tests.checker.client import Client, read_chat
from deploy.tests.checker.log import Door, Log, Row, Wish
from deploy.tests.checker.verdict import Finding, Listings, Verdict, verdict

__all__ = ["Client", "Door", "Finding", "Listings", "Log", "Row", "Verdict", "Wish", "read_chat", "verdict"]
