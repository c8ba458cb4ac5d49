"""The admin's own sessions, which Django keeps; each ends with the one of ours that opened it."""

from django.contrib.sessions.backends.db import SessionStore


def forget_admin_sessions() -> None:
    """Those that are over. Runs now and then."""
    SessionStore.clear_expired()
