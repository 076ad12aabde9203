"""Settings of Gazetteer, all read from the environment; docs/settings.md names each one."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
from kombu import Queue

from portal import logs
from portal.data_folder import find_key
from portal.environment import Environment

django_stubs_ext.monkeypatch()  # lets generic Django classes take their type at run time

BASE_DIR = Path(__file__).resolve().parent.parent
MEBIBYTE, TEBIBYTE = 1024**2, 1024**4
env = Environment(os.environ)

DATA_DIR = env.path("GAZETTEER_DATA", BASE_DIR / "var")
_given_key = env.secret("SECRET_KEY")
SECRET_KEY_IS_MADE = not _given_key
SECRET_KEY = _given_key or find_key(DATA_DIR)  # made at the first start: portal.data_folder
DEBUG = env.flag("DEBUG")
DEMO = env.flag("GAZETTEER_DEMO")
PUBLIC_URL = env.url("PUBLIC_URL", ("http", "https"), "http://127.0.0.1:8000")
ALLOWED_HOSTS = [
    *env.words("ALLOWED_HOSTS", urlsplit(PUBLIC_URL).hostname or ""),
    *("127.0.0.1", "localhost", "[::1]"),
]
CSRF_TRUSTED_ORIGINS = list(env.words("CSRF_TRUSTED_ORIGINS"))
PROXY_COUNT = env.integer("PROXY_COUNT", 0, least=0, most=10)
TRUSTED_PROXIES = env.networks(
    "TRUSTED_PROXIES", "127.0.0.0/8,::1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7"
)

INSTALLED_APPS = [
    "catalog",
    "lineage",
    "ingestors",
    "portal",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
]

MIDDLEWARE = [
    "portal.middleware.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "portal.middleware.static_files",
    "portal.middleware.private_answers",
    "catalog.api.rate_limits.rate_limit_headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.middleware.former_addresses",
    "portal.middleware.ContentSecurityPolicy",
    "portal.middleware.NoNulBytes",
    "portal.middleware.DatabaseAway",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "portal" / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context.shell",
            ],
            "builtins": ["portal.templatetags.gazetteer", "portal.templatetags.layout"],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "portal.rendering.templates.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
        },
    }
]

DATABASES = {"default": env.database("DATABASE_URL", DATA_DIR / "gazetteer.sqlite3")}
# Who migrates lets this role read and write rows: portal.database_role.
DATABASE_ROLE = env.text("DATABASE_ROLE")
DATABASE_ROLE_PASSWORD = env.secret("DATABASE_ROLE_PASSWORD")
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-32000; "
            "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=268435456;"
        ),
    }
else:
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
if _test_name := env.text("TEST_DATABASE_NAME"):
    DATABASES["default"]["TEST"] = {"NAME": _test_name}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "catalog.User"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "en-gb"
TIME_ZONE = env.time_zone("TIME_ZONE", "UTC")
USE_I18N = False
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
FRONTEND_DIST = BASE_DIR / "portal" / "frontend" / "dist"
STATICFILES_DIRS = [
    BASE_DIR / "portal" / "static",
    *([FRONTEND_DIST] if FRONTEND_DIST.is_dir() else []),
]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

# Tasks: a queue in a file when no Redis is configured.
REDIS_URL = env.secret_url("REDIS_URL", ("redis", "rediss"))
QUEUE_FILE = DATA_DIR / "queue.sqlite3"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object]
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 6 * 3600,  # longer than the longest task, which is a harvest
        "socket_connect_timeout": 1,
    }
else:
    CELERY_BROKER_URL = "file://localhost"
    CELERY_BROKER_TRANSPORT = "portal.broker:Transport"
    CELERY_BROKER_TRANSPORT_OPTIONS = {"file": str(QUEUE_FILE), "polling_interval": 0.2}
    CELERY_WORKER_ENABLE_REMOTE_CONTROL = False  # it wants to reach every worker with one message
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = False  # what killed one worker must not kill the next
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 900  # each long task names its own
CELERY_TASK_SOFT_TIME_LIMIT = 840
TASK_QUEUES = ("harvest", "follow", "notify", "maintenance")
CELERY_TASK_QUEUES = [Queue(name) for name in TASK_QUEUES]
CELERY_TASK_DEFAULT_QUEUE = "maintenance"
CELERY_TASK_ROUTES = {
    "ingestors.harvest": {"queue": "harvest"},
    "catalog.index": {"queue": "follow"},
    "catalog.notify": {"queue": "notify"},
    "catalog.deliver": {"queue": "notify"},
    "catalog.send_messages": {"queue": "notify"},
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
WAKE_FOLLOWERS = True  # a message soon after each event; without, followers look every ten seconds
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"  # keeps nothing: the chores are in the database

# Search: "database" picks SQLite FTS5 or PostgreSQL full text by the database in use.
ELASTICSEARCH_URL = env.secret_url("ELASTICSEARCH_URL", ("http", "https"))
ELASTICSEARCH_PREFIX = env.text("ELASTICSEARCH_PREFIX", "gazetteer")
SEARCH_BACKEND = env.choice(
    "SEARCH_BACKEND",
    ("database", "elasticsearch", "memory"),
    "elasticsearch" if ELASTICSEARCH_URL else "database",
)
LINEAGE_GRAPH = env.choice("LINEAGE_GRAPH", ("auto", "memory", "tables"), "auto")
LINEAGE_GRAPH_LEAST = env.integer("LINEAGE_GRAPH_LEAST", 2_000, least=0, most=10**9)
LINEAGE_GRAPH_MOST = env.integer("LINEAGE_GRAPH_MOST", 5_000_000, least=0, most=10**9)
SEARCH_SYNONYMS = env.path("SEARCH_SYNONYMS", BASE_DIR / "catalog" / "search" / "synonyms.txt")

# Webhooks: what receivers may be, how long they may take, and when they are given up.
WEBHOOK_HTTP = env.flag("WEBHOOK_HTTP")
WEBHOOK_NETWORKS = env.networks("WEBHOOK_NETWORKS")
WEBHOOK_HANDSHAKE = env.flag("WEBHOOK_HANDSHAKE", default=True)
WEBHOOK_TIMEOUT = env.decimal("WEBHOOK_TIMEOUT", 10.0, least=0.1, most=300.0)
WEBHOOK_STOP_DAYS = env.integer("WEBHOOK_STOP_DAYS", 5, least=1, most=365)

# Sources: what they may reach, where secrets may lie, and the keys of the vault (docs/how-to/open-sources.md).
SOURCE_POLICY = env.text("GAZETTEER_SOURCE_POLICY")
SECRETS_FOLDER = env.text("GAZETTEER_SECRETS_FOLDER")
VAULT_KEYS = env.secret("GAZETTEER_VAULT_KEYS")
# The process that reads a source: megabytes of memory, seconds of processor time.
HARVEST_MEMORY_MB = env.integer("HARVEST_MEMORY_MB", 2048, least=512, most=1_000_000)
HARVEST_CPU_SECONDS = env.integer("HARVEST_CPU_SECONDS", 7_200, least=10, most=14_400)

# Harvest limits: per table.
PROFILE_MAX_ROWS = env.integer("PROFILE_MAX_ROWS", 1_000_000, least=0, most=10**12)
PROFILE_MAX_SECONDS = env.integer("PROFILE_MAX_SECONDS", 30, least=1, most=86_400)
SAMPLE_ROWS = env.integer("SAMPLE_ROWS", 20, least=0, most=1_000)

# Calls of the API in a minute: of a token, of a person, of an address without either; 0: any number.
RATE_LIMIT_TOKEN = env.integer("RATE_LIMIT_TOKEN", 3_000, least=0, most=10**9)
RATE_LIMIT_PERSON = env.integer("RATE_LIMIT_PERSON", 6_000, least=0, most=10**9)
RATE_LIMIT_ADDRESS = env.integer("RATE_LIMIT_ADDRESS", 1_200, least=0, most=10**9)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "catalog.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["catalog.api.permissions.ReadOrToken"],
    "DEFAULT_THROTTLE_CLASSES": ["catalog.api.rate_limits.RateLimit"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["catalog.api.parsers.StrictJSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["catalog.api.filters.ListFilter"],
    "DEFAULT_PAGINATION_CLASS": "catalog.api.pagination.Cursor",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "URL_FORMAT_OVERRIDE": None,
    "EXCEPTION_HANDLER": "catalog.api.problems.handle",
    "PAGE_SIZE": 50,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Gazetteer",
    "DESCRIPTION": "The catalog and discovery portal of a data mesh.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "catalog.api.schema.add_problems",
    ],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "LineageDirectionEnum": ["both", "upstream", "downstream"],
        "ArchetypeEnum": "catalog.models.products.ARCHETYPE_CHOICES",
        "ProductStatusEnum": "catalog.models.products.STATUS_CHOICES",
        "ClassificationEnum": "catalog.models.products.CLASSIFICATION_CHOICES",
        "WebhookStateEnum": "catalog.api.serializers.webhooks.STATES",
        "ChangeLevelEnum": "catalog.api.serializers.contracts.LEVELS",
    },
}

CSRF_FAILURE_VIEW = "portal.views.errors.csrf_failed"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
if PUBLIC_URL.startswith("https://"):
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
    SECURE_HSTS_SECONDS = env.integer(
        "SECURE_HSTS_SECONDS", 31_536_000, least=0, most=10 * 31_536_000
    )
    # Promises for other hosts than this one: made by who runs them, so their absence is no finding.
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.flag("SECURE_HSTS_INCLUDE_SUBDOMAINS")
    SECURE_HSTS_PRELOAD = env.flag("SECURE_HSTS_PRELOAD")
    SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

HEALTH_FILE = env.text("HEALTH_FILE")
METRICS_TOKEN = env.secret("METRICS_TOKEN")
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * MEBIBYTE
# A body of lineage events, packed or unpacked, in bytes.
LINEAGE_MAX_BODY = env.integer("LINEAGE_MAX_BODY", 32 * MEBIBYTE, least=1, most=TEBIBYTE)
# A push: bytes of a body (unpacked) and of a line, lines in one transaction, calls of a token.
PUSH_MAX_BODY = env.integer("PUSH_MAX_BODY", 4096 * MEBIBYTE, least=1, most=TEBIBYTE)
PUSH_MAX_LINE = env.integer("PUSH_MAX_LINE", 8 * MEBIBYTE, least=1, most=TEBIBYTE)
PUSH_MAX_ATOMIC_LINES = env.integer("PUSH_MAX_ATOMIC_LINES", 10_000, least=1, most=10**9)
PUSH_RATE = env.integer("PUSH_RATE", 60, least=1, most=10**6)  # begun in a minute
PUSH_CONCURRENCY = env.integer("PUSH_CONCURRENCY", 2, least=1, most=10**4)  # at once
PUSH_IDLE_SECONDS = env.integer("PUSH_IDLE_SECONDS", 60, least=1, most=3_600)  # without a byte
# Mail: to the log of the worker where no server is named.
EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
EMAIL_PORT = env.integer("EMAIL_PORT", 25, least=1, most=65_535)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.secret("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS")
EMAIL_USE_SSL = env.flag("EMAIL_USE_SSL")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", "gazetteer@localhost")

LOG_FORMAT = env.choice(
    "LOG_FORMAT", logs.FORMATS, "json" if PUBLIC_URL.startswith("https://") else "text"
)
LOG_LEVEL = env.choice("LOG_LEVEL", logs.LEVELS, "INFO")
LOGGING = logs.config(LOG_FORMAT, LOG_LEVEL)
