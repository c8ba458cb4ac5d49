"""The user role: profiles and presence under /api/users/."""

from abdre.settings import env
from abdre.settings.tables import *

ROLE = "user"
PORT = env.integer("PORT", default=8002)
ROOT_URLCONF = "user_svc.urls"
PUSH_PEM = env.required("ABDRE_PUSH_KEY")
VERIFYING_JWKS = env.json_object("ABDRE_VERIFYING_KEYS")
PERIODIC = [deed for deed in PERIODIC_DEEDS if deed[0].startswith("user_svc.")]
