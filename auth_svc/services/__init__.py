"""Use cases of auth_svc, by subject: sessions, accounts, invitations."""
