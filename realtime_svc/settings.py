"""The realtime role: sockets under /ws."""

from abdre.settings import env
from abdre.settings.tables import *

ROLE = "realtime"
PORT = env.integer("PORT", default=8005)
ROOT_URLCONF = "realtime_svc.urls"
SERVER_OPTIONS = "realtime_svc.server.OPTIONS"
WEBSOCKET_ROUTES = "realtime_svc.routing.websocket_routes"
VERIFYING_JWKS = env.json_object("ABDRE_VERIFYING_KEYS")
INSTALLED_APPS += ["realtime_svc"]
PERIODIC = [READS_RULES, *COUNTS_FIRST_MESSAGES]
