"""The auth role: sessions, tokens, invitations, the admin site."""

from abdre.settings.tables import *

ROOT_URLCONF = "auth_svc.urls"
ROLE_PORT = 8001
