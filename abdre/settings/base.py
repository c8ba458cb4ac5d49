"""What every role shares: no database, no secret of its own yet."""

from pathlib import Path
from typing import Any

from abdre.settings import env
from abdre.settings.channel_layer import PUBSUB_LAYERS, layer_over

BASE_DIR = Path(__file__).resolve().parent.parent.parent

DEBUG = env.boolean("DEBUG", default=False)
SECRET_KEY = env.secret("SECRET_KEY")
# Former ones, which still open what they have sealed and signed.
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
# Which release this is; the image says so.
VERSION = env.text("ABDRE_VERSION", "development")

PUBLIC_ORIGIN = env.origin("ABDRE_PUBLIC_ORIGIN")
SECURE_ORIGIN = PUBLIC_ORIGIN.startswith("https://")
_public_host = PUBLIC_ORIGIN.partition("://")[2].partition(":")[0]
# Probes come by a pod's address; the door gives them this name (RFC 6761 keeps .invalid out of every DNS).
PROBE_HOST = "probe.invalid"
ALLOWED_HOSTS = [*(env.words("ABDRE_ALLOWED_HOSTS", _public_host) or [env.required("ABDRE_ALLOWED_HOSTS")]), PROBE_HOST]
CSRF_TRUSTED_ORIGINS = [PUBLIC_ORIGIN] if PUBLIC_ORIGIN else []

# Whose pages may ask the API from other addresses, each like https://app.example.org.
CORS_ORIGINS = env.origins("ABDRE_CORS_ORIGINS")

# How many proxies of our own stand before this process; the door believes exactly so many forwarded addresses.
TRUSTED_PROXIES = env.integer("ABDRE_TRUSTED_PROXIES", default=1)
REDIS_URL = env.redis("REDIS_URL")

INSTALLED_APPS = [
    "abdre",  # first, since its runserver knows the role's port
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.staticfiles",
    "channels",
    "rest_framework",
]
MIDDLEWARE = [
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
            ],
            "libraries": {"i18n": "abdre.template_texts"},
        },
    }
]
ASGI_APPLICATION = "abdre.asgi.application"
DATABASES: dict[str, dict[str, Any]] = {}
# Asked instead of DATABASES, which Django fills with a dummy when it is empty.
HAS_DATABASE = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en"
LANGUAGE_COOKIE_NAME = "language"
LOCALE_PATHS = [BASE_DIR / "abdre" / "locale"]
LANGUAGES = [("en", "English"), ("kk", "Қазақша"), ("ru", "Русский")]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = env.text("ABDRE_STATIC_ROOT", str(BASE_DIR / ".static"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "abdre.static_storage.HashedStorage"},
}

# The door answers for bodies; Django's own limit stays a little above it, so that one place speaks.
BODY_LIMIT_BYTES = env.integer("ABDRE_BODY_LIMIT_BYTES", default=1024 * 1024)
DATA_UPLOAD_MAX_MEMORY_SIZE = BODY_LIMIT_BYTES + 1
PICTURE_LIMIT_BYTES = 5 * 1024 * 1024
# The bytes of one file in a chat.
ATTACHMENT_LIMIT_BYTES = env.integer("ABDRE_ATTACHMENT_LIMIT_BYTES", default=25 * 1024 * 1024, lowest=1)
# Where more may be sent: (pattern of the whole path, bytes). A form wraps its file in a few lines of its own.
LARGER_BODIES = [(r"(/api/users/me|/profile|(/api)?/chats/[^/]+)/picture", PICTURE_LIMIT_BYTES + 16 * 1024)]
# The form of a message brings up to ten files. Only roles with gateway_svc.proxy.form_files take it so large: it passes
# them on as they come, and keeps whatever else is sent to this address as short as anywhere.
MESSAGE_FORM = r"/chats/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/messages"
MESSAGE_FORM_BODY = (MESSAGE_FORM, 10 * ATTACHMENT_LIMIT_BYTES + BODY_LIMIT_BYTES)
APPEND_SLASH = False
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_ORIGIN else 0
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE = SECURE_ORIGIN
SESSION_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"

# The page at / tells of itself; these lines are for what the framework would otherwise warn about.
SILENCED_SYSTEM_CHECKS = [
    "security.W001",  # headers are set by abdre.door, for every answer and not only for Django's
    "security.W002",
    "security.W008",  # one origin, its scheme decides; the edge redirects to https
    "security.W005",  # HSTS for sub-domains is the operator's to decide
    "security.W021",
    "templates.W003",  # two libraries called i18n: ours is meant
    *([] if SECURE_ORIGIN else ["security.W004", "security.W012", "security.W016"]),
]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["abdre.tokens.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["abdre.api.StrictJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "abdre.api.OneAnswer",
    "DEFAULT_SCHEMA_CLASS": "abdre.openapi.Schema",
    "EXCEPTION_HANDLER": "abdre.errors.render",
    "UNAUTHENTICATED_USER": None,
}

ACCESS_TOKEN_LIFETIME_S = 600
# After this long, whoever changes how one signs in shows again who they are.
REAUTHENTICATION_LIFETIME_S = 600
REFRESH_GRACE_S = 10
SESSION_LIFETIME_S = 30 * 24 * 3600
TOKEN_ISSUER = "abdre"
TOKEN_AUDIENCE = "abdre"

# Both speak the same over Redis, so that processes with one and with the other may run side by side.
_layer = env.choice("ABDRE_CHANNEL_LAYER", default="lean", allowed=tuple(PUBSUB_LAYERS))
CHANNEL_LAYERS = {"default": layer_over(REDIS_URL, _layer)}

# The composition root: the kernel names services only here and in urls.py.
UPSTREAMS = {
    "auth": env.urls("ABDRE_AUTH_URL", "http://auth:8001"),
    "user": env.urls("ABDRE_USER_URL", "http://user:8002"),
    "oauth": env.urls("ABDRE_OAUTH_URL", "http://oauth:8003"),
    "chat": env.urls("ABDRE_CHAT_URL", "http://chat:8004"),
    "realtime": env.urls("ABDRE_REALTIME_URL", "http://realtime:8005"),
}
SERVICE_TRANSPORT = "http"
# Whose processes are missed when they are silent (abdre.pulse).
ROLES = ["gateway", *UPSTREAMS, "worker"]
# ASGI applications wrapped around Django's, outermost first, each as a dotted path.
ASGI_FRONT: list[str] = []
# Dotted path: how the door shows a refusal of its own.
REFUSED = "abdre.errors.json_refused"
# Dotted path: how uvicorn is to be started for this role.
SERVER_OPTIONS = "abdre.server.OPTIONS"
# Over how long a process that ends lets its sockets go, at the most.
DRAIN_S = env.integer("ABDRE_DRAIN_S", default=25)
# For how long it serves on at the least. The gateway's callers may be another's edge, which learns by its looks alone.
STAY_AT_LEAST_S = 0.0
# Dotted path of the websocket routes, where a role serves any.
WEBSOCKET_ROUTES = ""
# Dotted path: does this session still live, asked where the store cannot say.
SESSION_IS_ALIVE = ""
# (dotted path, seconds between calls), run by one thread of the process.
PERIODIC: list[tuple[str, float]] = []
# Whether this process does the stored jobs (abdre.jobs).
DOES_JOBS = False
# Private keys in PEM where a role signs, else the published set that verifies.
SIGNING_PEM = ""
VERIFYING_JWKS: dict[str, object] = {}
# Where those stand, to be looked at again while the process runs; empty where the environment itself holds them.
SIGNING_KEYS_FILE = env.file_of("ABDRE_SIGNING_KEYS")
VERIFYING_KEYS_FILE = env.file_of("ABDRE_VERIFYING_KEYS")

# Codes made by somebody who opened localhost hold this machine's address in its own network.
OFFER_LAN_ADDRESS = env.boolean("ABDRE_OFFER_LAN_ADDRESS", default=False)

GUEST_HOSTING = env.boolean("ABDRE_GUEST_HOSTING", default=True)
PUBLIC_CHATS = env.boolean("ABDRE_PUBLIC_CHATS", default=True)
# Days for which messages are kept; 0: for ever. A chat may keep its own for a shorter time.
MESSAGES_KEPT_DAYS = env.integer("ABDRE_MESSAGES_KEPT_DAYS", default=0)

# Where `/metrics` is answered, beside the role's own port; 0: nothing is measured.
METRICS_PORT = env.integer("ABDRE_METRICS_PORT", default=0)

LOG_FORMAT = env.choice("ABDRE_LOG_FORMAT", default="console", allowed=("console", "json"))
LOGGING_CONFIG = "abdre.logging.configure"
LOGGING = {
    "format": LOG_FORMAT,
    "level": env.choice("ABDRE_LOG_LEVEL", default="INFO", allowed=("DEBUG", "INFO", "WARNING", "ERROR")),
}

# Where traces go, by OTLP over HTTP, and which share of those that begin here; empty: none are made.
OTEL_ENDPOINT = env.url("ABDRE_OTEL_ENDPOINT")
OTEL_SAMPLED = env.share("ABDRE_OTEL_SAMPLED", default=1.0)
