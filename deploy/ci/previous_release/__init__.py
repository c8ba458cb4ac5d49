"""The code of the last release on today's schema (deploy/runbooks/release.md)."""
