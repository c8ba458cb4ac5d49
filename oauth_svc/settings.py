"""The oauth role: signing in through somebody else's login."""

from abdre.settings.tables import *

ROOT_URLCONF = "oauth_svc.urls"
ROLE_PORT = 8003
