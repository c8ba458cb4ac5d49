"""The auth role: sessions, tokens, invitations, the admin site."""

from abdre.settings import env
from abdre.settings.tables import *

ROLE = "auth"
PORT = env.integer("PORT", default=8001)
ROOT_URLCONF = "auth_svc.urls"
GEOIP_DATABASE = env.text("ABDRE_GEOIP_DATABASE")
SIGNING_PEM = env.required("ABDRE_SIGNING_KEYS")
PERIODIC = [deed for deed in PERIODIC_DEEDS if deed[0].startswith("auth_svc.")]
ASGI_FRONT = ["abdre.static_files.StaticFiles"]  # the admin's
