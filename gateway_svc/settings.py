"""The gateway role: pages and proxy. No database, no private key: what faces the internet has nothing to steal."""

from abdre.settings import env
from abdre.settings.base import *

ROLE = "gateway"
PORT = env.integer("PORT", default=8000)
ROOT_URLCONF = "gateway_svc.urls"
INSTALLED_APPS += ["gateway_svc"]
TRUSTED_PROXIES = env.integer("ABDRE_TRUSTED_PROXIES", default=0)
VERIFYING_JWKS = env.json_object("ABDRE_VERIFYING_KEYS")
CSRF_FAILURE_VIEW = "gateway_svc.views.csrf_failure"
REFUSED = "gateway_svc.views.refused"
SERVER_OPTIONS = "gateway_svc.server.OPTIONS"
STAY_AT_LEAST_S = 3.0  # whoever looks at /readyz every second or two has heard by then, also on a busy machine
ASGI_FRONT = [
    "abdre.cors.Preflights",
    "abdre.refresh.RefreshMiddleware",
    "gateway_svc.proxy.Proxy",
    "abdre.static_files.StaticFiles",
    "gateway_svc.proxy.form_files.FilesOfForms",
]
LARGER_BODIES = [*LARGER_BODIES, MESSAGE_FORM_BODY]
