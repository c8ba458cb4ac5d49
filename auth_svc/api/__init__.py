"""The HTTP surface under /api/auth/, by subject: sessions, accounts, keys, invitations."""
