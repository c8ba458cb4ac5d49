"""All six roles in one process: SQLite, memory layer and store, keys of its own making. The default for one machine."""

import secrets
from pathlib import Path

from abdre import keys, push_key
from abdre.settings import env

DATA_DIR = Path(env.text("ABDRE_DATA_DIR", ".data")).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
signing_file = DATA_DIR / keys.SIGNING_FILE
keys.keep(signing_file, keys.first_pem)
push_file = DATA_DIR / push_key.PUSH_FILE
keys.keep(push_file, push_key.first_push_pem)
env.provide(
    SECRET_KEY=keys.keep(DATA_DIR / "secret_key", lambda: secrets.token_urlsafe(48)),
    ABDRE_SIGNING_KEYS_FILE=str(signing_file),
    ABDRE_PUSH_KEY_FILE=str(push_file),
    DATABASE_URL=f"sqlite:///{DATA_DIR / 'abdre.sqlite3'}",
    REDIS_URL="",
    ABDRE_ALLOWED_HOSTS="*",
    ABDRE_TRUSTED_PROXIES="0",
    ABDRE_OFFER_LAN_ADDRESS="true",
)

from abdre.settings.openapi import SPECTACULAR_SETTINGS as SPECTACULAR_SETTINGS
from abdre.settings.tables import *

ROLE = "all-in-one"
PORT = env.integer("PORT", default=8000)
ROOT_URLCONF = "abdre.urls"
INSTALLED_APPS += ["gateway_svc", "realtime_svc", "drf_spectacular"]
GEOIP_DATABASE = env.text("ABDRE_GEOIP_DATABASE")
SIGNING_PEM = env.required("ABDRE_SIGNING_KEYS")
PUSH_PEM = env.required("ABDRE_PUSH_KEY")
CSRF_FAILURE_VIEW = "gateway_svc.views.csrf_failure"
REFUSED = "gateway_svc.views.refused"
SERVICE_TRANSPORT = "in_process"
DRAIN_S = env.integer(
    "ABDRE_DRAIN_S", default=5
)  # there is no other process to go to: the sooner it is back, the better
ROLES = [ROLE]
SERVER_OPTIONS = "realtime_svc.server.OPTIONS"
WEBSOCKET_ROUTES = "realtime_svc.routing.websocket_routes"
ASGI_FRONT = [
    "abdre.static_files.StaticFiles",
    "abdre.cors.Preflights",
    "abdre.refresh.RefreshMiddleware",
    "gateway_svc.proxy.form_files.FilesOfForms",
]
LARGER_BODIES = [*LARGER_BODIES, MESSAGE_FORM_BODY]
PERIODIC = [*PERIODIC_DEEDS, *WORKER_DEEDS]
DOES_JOBS = True
