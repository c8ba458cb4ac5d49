"""The chat role: chats, members and messages under /api/chats/."""

from abdre.settings import env
from abdre.settings.tables import *

ROLE = "chat"
PORT = env.integer("PORT", default=8004)
ROOT_URLCONF = "chat_svc.urls"
VERIFYING_JWKS = env.json_object("ABDRE_VERIFYING_KEYS")
PERIODIC = [deed for deed in PERIODIC_DEEDS if deed[0].startswith("chat_svc.")] + COUNTS_FIRST_MESSAGES
