"""What the roles with a database add: all model apps, so that every role sees the same migration graph."""

from django.core.exceptions import ImproperlyConfigured

from abdre.settings import env, logins, postgres
from abdre.settings.base import *
from abdre.settings.stored_files import stored_in

INSTALLED_APPS = [
    "abdre",
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "django_tasks",
    "django_tasks_db",
    "rest_framework",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "user_svc",
    "chat_svc",
    "auth_svc",
    "oauth_svc",
]
AUTH_USER_MODEL = "user_svc.User"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "abdre.passwords.UnlikeItsOwner",
        "OPTIONS": {"user_attributes": ("username", "display_name", "email")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 3600  # seconds that the link in the letter works
PASSWORD_HASHERS = ["abdre.passwords.Argon2"]

HAS_DATABASE = True
# The migrate job alone has both: it makes the tables by a role that owns them, and lets the services' role use them.
OWNS_TABLES = bool(env.text("ABDRE_MIGRATION_DATABASE_URL"))
# Whether PgBouncer stands before PostgreSQL and gives a connection away after each transaction.
DATABASE_PGBOUNCER = env.boolean("ABDRE_DATABASE_PGBOUNCER", default=False)
DATABASES = {"default": env.database("ABDRE_MIGRATION_DATABASE_URL" if OWNS_TABLES else "DATABASE_URL")}
SERVICES_DATABASE = env.database("DATABASE_URL") if OWNS_TABLES else {}
_replica = env.replica("ABDRE_DATABASE_REPLICA_URL")
HAS_REPLICA = bool(_replica) and not OWNS_TABLES
# To which the services only add. Triggers see to it as well, and whoever owns a table can take those away.
ONLY_GROWING_TABLES = ["chat_svc_moderationentry"]
if DATABASES["default"]["ENGINE"].endswith("postgresql"):
    _is_bounced = DATABASE_PGBOUNCER and not OWNS_TABLES  # the migrate job goes to PostgreSQL itself
    _pool = env.integer("ABDRE_DATABASE_POOL", default=16, lowest=2)
    DATABASES["default"] = postgres.pooled(DATABASES["default"], most=_pool, is_bounced=_is_bounced)
    # Where history and search are read, as far as it is there already (abdre.replica).
    if HAS_REPLICA:
        DATABASES["replica"] = postgres.pooled(_replica, most=_pool, is_bounced=_is_bounced, wait_s=1)
        DATABASE_ROUTERS = ["abdre.replica.Router"]
else:
    if HAS_REPLICA:
        raise ImproperlyConfigured("ABDRE_DATABASE_REPLICA_URL needs a postgresql:// address in DATABASE_URL")
    DATABASES["default"] |= {
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=20000;",
        },
        # Threads share a file but not a memory database.
        "TEST": {"NAME": env.text("ABDRE_TEST_SQLITE", "") or None},
    }

STORAGES = {**STORAGES, "pictures": stored_in("pictures"), "attachments": stored_in("attachments")}

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

EMAIL_HOST = env.text("EMAIL_HOST")
MAIL_BACKEND = "smtp" if EMAIL_HOST else "console"
EMAIL_BACKEND = env.text("ABDRE_EMAIL_BACKEND", f"django.core.mail.backends.{MAIL_BACKEND}.EmailBackend")
EMAIL_USE_SSL = env.boolean("EMAIL_USE_SSL", default=False)
# STARTTLS; a server that does not offer it is not spoken to in the open.
EMAIL_USE_TLS = env.boolean("EMAIL_USE_TLS", default=not EMAIL_USE_SSL)
if EMAIL_USE_SSL and EMAIL_USE_TLS:
    raise ImproperlyConfigured("EMAIL_USE_TLS (STARTTLS) and EMAIL_USE_SSL exclude each other")
EMAIL_PORT = env.integer("EMAIL_PORT", default=465 if EMAIL_USE_SSL else 587)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_TIMEOUT = env.integer("EMAIL_TIMEOUT", default=10, lowest=1)  # seconds
EMAIL_FILE_PATH = env.text("EMAIL_FILE_PATH") or None
_STAY_HERE = {f"django.core.mail.backends.{name}.EmailBackend" for name in ("console", "filebased", "locmem", "dummy")}
if EMAIL_BACKEND not in _STAY_HERE and "*" in ALLOWED_HOSTS:
    # Else whoever asks for a letter to somebody would choose, by the name they ask at, where its link leads.
    env.required("ABDRE_PUBLIC_ORIGIN")
# Whether staff who do not come are told by letter of reports that wait; the console is nobody's mailbox.
REPORT_MAIL = env.boolean("ABDRE_REPORT_MAIL", default=True) and not EMAIL_BACKEND.endswith(".console.EmailBackend")
DEFAULT_FROM_EMAIL = env.text("ABDRE_EMAIL_FROM", "ABDRE Chat <no-reply@localhost>")

# Nothing is offered that the environment does not name.
SOCIALACCOUNT_PROVIDERS = logins.from_environment()
INSTALLED_APPS += logins.packages(SOCIALACCOUNT_PROVIDERS)
SOCIALACCOUNT_QUERY_EMAIL = True  # ask for the address where a provider gives it only when asked
SOCIALACCOUNT_ADAPTER = "oauth_svc.providers.SocialAdapter"

MFA_ADAPTER = "auth_svc.services.sealing.Sealing"
MFA_TOTP_TOLERANCE = 1  # half a minute early or late: phones' clocks are not all set by the network
# Whether staff show a second factor before they come into the admin.
ADMIN_SECOND_FACTOR = env.boolean("ABDRE_ADMIN_SECOND_FACTOR", default=True)

# Whether moderators open what was reported alone, or any chat.
MODERATORS_READ = env.choice("ABDRE_MODERATORS_READ", default="reported", allowed=("reported", "all"))

# What one person may change by HTTP and one socket may say; a person never gets near it, a broken loop passes it soon.
DEEDS_PER_MINUTE = env.integer("ABDRE_DEEDS_PER_MINUTE", default=300, lowest=1)
# What somebody may write in a minute, over all chats, while they are new; 0: as much as anybody.
NEWCOMERS_MESSAGES_PER_MINUTE = env.integer("ABDRE_NEWCOMERS_MESSAGES_PER_MINUTE", default=0)
NEWCOMER_MINUTES = env.integer("ABDRE_NEWCOMER_MINUTES", default=10, lowest=1)
# And all who are not signed in, of one network together: a café full of people who join has to fit in.
STRANGERS_DEEDS_PER_MINUTE = env.integer("ABDRE_STRANGERS_DEEDS_PER_MINUTE", default=1200, lowest=1)
COMMANDS_PER_S = env.integer("ABDRE_COMMANDS_PER_S", default=50, lowest=1)

# What people send: one person's files that are not in a message yet, and all of a day.
UNSENT_LIMIT_BYTES = env.integer("ABDRE_UNSENT_LIMIT_BYTES", default=10 * ATTACHMENT_LIMIT_BYTES, lowest=1)
UPLOADS_PER_DAY_BYTES = env.integer("ABDRE_UPLOADS_PER_DAY_BYTES", default=1024**3, lowest=1)
# What uploads leave of the disk to the database and all else on it.
FILES_LEAVE_FREE_BYTES = env.integer("ABDRE_FILES_LEAVE_FREE_BYTES", default=1024**3)
# Of half a megabyte each; a fast line sends some twenty a second.
PARTS_PER_MINUTE = env.integer("ABDRE_PARTS_PER_MINUTE", default=1800, lowest=1)
ATTACHMENT_KINDS = env.words("ABDRE_ATTACHMENT_KINDS", "image,audio,file")
if unknown_kinds := set(ATTACHMENT_KINDS) - {"image", "audio", "file"}:
    raise ImproperlyConfigured(f"ABDRE_ATTACHMENT_KINDS: {', '.join(sorted(unknown_kinds))} is not known there")

# Where networks are, in MaxMind's format, for the roles that list sessions; no place is told without it.
GEOIP_DATABASE = ""
# How long a rotating code shows one picture; each opens for twice as long.
INVITATION_ROTATION_S = env.integer("ABDRE_INVITATION_ROTATION_S", default=30, lowest=1)
# How long somebody who wants to be deleted may think better of it.
# How long moderators may read what a message said before it was edited, or deleted after that.
EDITS_KEPT_DAYS = env.integer("ABDRE_EDITS_KEPT_DAYS", default=90)
# How long a report is kept after it was closed, with the messages that it holds; 0: for ever.
REPORTS_KEPT_DAYS = env.integer("ABDRE_REPORTS_KEPT_DAYS", default=180)
DELETION_GRACE_DAYS = env.integer("ABDRE_DELETION_GRACE_DAYS", default=14)
# Networks of the operator's own, like 10.1.2.0/24, that webhooks and the like may reach, at any port (abdre.fetching).
FETCH_ALLOWED_NETWORKS = env.networks("ABDRE_FETCH_ALLOWED_NETWORKS")
# Whether the first link of a message is looked up, for a card below it; without, no request of ours goes out for one.
LINK_PREVIEWS = env.boolean("ABDRE_LINK_PREVIEWS", default=True)

SESSION_IS_ALIVE = "auth_svc.selectors.session_is_alive"
HAS_SHOWN_SECOND_FACTOR = "auth_svc.selectors.factors.has_shown_second_factor"
PEER_VISIBILITY = "chat_svc.selectors.peers_of"
TITLE_OF_CHAT = "chat_svc.selectors.title_of_chat"
CHATS_OF_PEOPLE = "chat_svc.selectors.memberships_of"
UNDER_PUSH_SUBSCRIPTION = "chat_svc.services.watch_chats_of"
UNDER_DIRECT_CHAT = "chat_svc.services.under_direct_chat"
SEES_INVITATION = "auth_svc.selectors.sees_invitation"
INVITATIONS_OF = "auth_svc.selectors.invitations_of"
LINKED_ACCOUNTS = "oauth_svc.selectors.accounts_of"
CAN_LOG_IN_ELSEWHERE = "oauth_svc.selectors.can_log_in_elsewhere"
IS_A_MEMBERS_NAME = "chat_svc.selectors.is_a_members_name"

# allauth refuses to start without it. Sessions and the signed-in user of the admin and of third-party login stand
# around those views alone (auth_svc.admin, oauth_svc.urls), so that no other request pays for them.
MIDDLEWARE += ["allauth.account.middleware.AccountMiddleware"]
SILENCED_SYSTEM_CHECKS += ["admin.E408", "admin.E409", "admin.E410"]
TEMPLATES[0]["OPTIONS"]["context_processors"] += [
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
]
# Those of the worker, since they wait for others outside, or for a moment that somebody has chosen.
# In every role that writes messages: a change of a rule holds in all of them within 2 s.
READS_RULES = ("chat_svc.services.refresh_rules", 1.0)
# In those too, where it is measured.
COUNTS_FIRST_MESSAGES = [("auth_svc.services.count_first_messages", 2.0)] if METRICS_PORT else []
WORKER_DEEDS = [
    READS_RULES,
    *COUNTS_FIRST_MESSAGES,
    ("chat_svc.services.deliver_to_hooks", 1.0),
    ("chat_svc.services.send_scheduled_messages", 1.0),
    ("chat_svc.services.tell_reminders", 1.0),
    ("chat_svc.services.push_news", 0.5),
    ("auth_svc.services.alert_staff", 5.0),
]
# What is kept for a time, as `manage.py prune` shows it.
KEPT = ["chat_svc.services.kept.KEPT", "user_svc.services.kept.KEPT", "auth_svc.services.kept.KEPT"]
# What the services do when a backup was put back, and by which everybody is signed out.
AFTER_RESTORE = "chat_svc.services.begin_new_era"
END_ALL_SESSIONS = "auth_svc.services.end_all_sessions"
PERIODIC_DEEDS = [
    ("user_svc.services.forget_seen_staff_notices", 3600.0),
    ("auth_svc.services.expire_invitations", 1.0),
    ("auth_svc.services.forget_old_sessions", 3600.0),
    ("auth_svc.services.forget_admin_sessions", 3600.0),
    ("auth_svc.services.forget_device_codes", 60.0),
    ("auth_svc.services.forget_recovery_links", 3600.0),
    ("auth_svc.services.forget_client_errors", 3600.0),
    ("auth_svc.services.begin_due_deletions", 10.0),
    ("auth_svc.services.delete_idle_guests", 3600.0),
    ("auth_svc.services.delete_turned_away_guests", 3600.0),
    ("auth_svc.services.send_digests", 300.0),
    ("auth_svc.services.end_long_knocks", 60.0),
    ("auth_svc.services.forget_exports", 3600.0),
    ("chat_svc.services.erase_expired_chats", 5.0),
    ("chat_svc.services.prune_messages", 5.0),
    ("chat_svc.services.forget_chat_exports", 3600.0),
    ("chat_svc.services.forget_old_edits", 3600.0),
    ("chat_svc.services.forget_closed_reports", 3600.0),
    ("chat_svc.services.forget_kept_messages", 3600.0),
    ("chat_svc.services.forget_told_reminders", 3600.0),
    ("chat_svc.services.forget_held_messages", 3600.0),
    READS_RULES,
    ("chat_svc.services.seal_search_blocks", 5.0),
    ("chat_svc.services.erase_dropped_files", 5.0),
]
