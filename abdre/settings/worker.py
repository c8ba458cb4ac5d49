"""The worker: does the jobs that the roles have stored, and answers probes; it serves nobody."""

from abdre.settings import env
from abdre.settings.tables import *

ROLE = "worker"
PORT = env.integer("PORT", default=8006)
ROOT_URLCONF = "abdre.health"
PUSH_PEM = env.required("ABDRE_PUSH_KEY")
VERIFYING_JWKS = env.json_object("ABDRE_VERIFYING_KEYS")
DOES_JOBS = True
PERIODIC = WORKER_DEEDS
