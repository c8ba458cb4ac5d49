"""The oauth role: signing in through somebody else's login."""

from abdre.settings import env
from abdre.settings.tables import *

ROLE = "oauth"
PORT = env.integer("PORT", default=8003)
ROOT_URLCONF = "oauth_svc.urls"
SIGNING_PEM = env.required("ABDRE_SIGNING_KEYS")
