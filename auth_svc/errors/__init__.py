"""Refusals of auth_svc, by subject."""
