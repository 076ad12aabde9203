"""Settings of Gazetteer, all read from the environment; docs/settings.md names each one."""

from __future__ import annotations

import os
import secrets
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
import django_stubs_ext
from django.core.exceptions import ImproperlyConfigured
from kombu import Queue

from portal import logs

django_stubs_ext.monkeypatch()  # lets generic Django classes take their type at run time

BASE_DIR = Path(__file__).resolve().parent.parent


def flag(name: str, *, default: bool = False) -> bool:
    """Read a yes/no variable; raise ImproperlyConfigured for anything else."""
    text = os.environ.get(name, "").strip().lower()
    if not text:
        return default
    if text in {"1", "true", "yes", "on"}:
        return True
    if text in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(
        f"{name} is {text!r}; allowed are 1, true, yes, on, 0, false, no, off"
    )


def networks(name: str, text: str) -> tuple[str, ...]:
    """Read networks with commas between, as `10.2.0.0/16`; raise ImproperlyConfigured for anything else."""
    said = tuple(word.strip() for word in text.split(",") if word.strip())
    for word in said:
        try:
            ip_network(word, strict=False)
        except ValueError as error:
            raise ImproperlyConfigured(
                f"{name} has {word!r}; write networks as 10.2.0.0/16"
            ) from error
    return said


DATA_DIR = Path(os.environ.get("GAZETTEER_DATA", BASE_DIR / "var")).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)


def secret_key() -> str:
    """Take SECRET_KEY from the environment, else keep a random one in the data folder."""
    if value := os.environ.get("SECRET_KEY"):
        return value
    path = DATA_DIR / "secret-key"
    try:
        with path.open("x", encoding="ascii") as file:
            path.chmod(0o600)
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    return path.read_text(encoding="ascii")


SECRET_KEY = secret_key()
SECRET_KEY_IS_MADE = not os.environ.get("SECRET_KEY")
DEBUG = flag("DEBUG")
DEMO = flag("GAZETTEER_DEMO")
PUBLIC_URL = os.environ.get("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = [
    *filter(None, os.environ.get("ALLOWED_HOSTS", urlsplit(PUBLIC_URL).hostname or "").split(",")),
    *("127.0.0.1", "localhost", "[::1]"),
]
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("CSRF_TRUSTED_ORIGINS", "").split(",") if o]
PROXY_COUNT = int(os.environ.get("PROXY_COUNT", "0"))

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
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "portal.middleware.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
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
            "builtins": ["portal.templatetags.gazetteer"],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
        },
    }
]

DATABASE_URL = os.environ.get("DATABASE_URL", f"sqlite:///{DATA_DIR / 'gazetteer.sqlite3'}")
DATABASES = {
    "default": dj_database_url.parse(DATABASE_URL, conn_max_age=60, conn_health_checks=True)
}
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
if _test_name := os.environ.get("TEST_DATABASE_NAME"):
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
TIME_ZONE = os.environ.get("TIME_ZONE", "UTC")
USE_I18N = False
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATIC_ROOT.mkdir(exist_ok=True)
FRONTEND_DIST = BASE_DIR / "portal" / "frontend" / "dist"
STATICFILES_DIRS = [
    BASE_DIR / "portal" / "static",
    *([FRONTEND_DIST] if FRONTEND_DIST.is_dir() else []),
]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

# Tasks: a filesystem broker when no Redis is configured.
REDIS_URL = os.environ.get("REDIS_URL", "")
BROKER_DIR = DATA_DIR / "broker"
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {
        "visibility_timeout": 6 * 3600,  # longer than the longest task, which is a harvest
        "socket_connect_timeout": 1,
    }
else:
    for name in ("queue", "processed", "control"):
        (BROKER_DIR / name).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_URL = "filesystem://"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR / "queue"),
        "data_folder_out": str(BROKER_DIR / "queue"),
        "processed_folder": str(BROKER_DIR / "processed"),
        "control_folder": str(BROKER_DIR / "control"),
        "store_processed": False,
        "polling_interval": 0.2,
    }
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
ELASTICSEARCH_URL = os.environ.get("ELASTICSEARCH_URL", "")
ELASTICSEARCH_PREFIX = os.environ.get("ELASTICSEARCH_PREFIX", "gazetteer")
SEARCH_BACKEND = os.environ.get(
    "SEARCH_BACKEND", "elasticsearch" if ELASTICSEARCH_URL else "database"
)
LINEAGE_GRAPH = os.environ.get("LINEAGE_GRAPH", "auto")
LINEAGE_GRAPH_LEAST = int(os.environ.get("LINEAGE_GRAPH_LEAST", "2000"))
LINEAGE_GRAPH_MOST = int(os.environ.get("LINEAGE_GRAPH_MOST", "5000000"))
SEARCH_SYNONYMS = Path(
    os.environ.get("SEARCH_SYNONYMS", BASE_DIR / "catalog" / "search" / "synonyms.txt")
)

# Webhooks: what receivers may be, how long they may take, and when they are given up.
WEBHOOK_HTTP = flag("WEBHOOK_HTTP")
WEBHOOK_NETWORKS = networks("WEBHOOK_NETWORKS", os.environ.get("WEBHOOK_NETWORKS", ""))
WEBHOOK_HANDSHAKE = flag("WEBHOOK_HANDSHAKE", default=True)
WEBHOOK_TIMEOUT = float(os.environ.get("WEBHOOK_TIMEOUT", "10"))
WEBHOOK_STOP_DAYS = int(os.environ.get("WEBHOOK_STOP_DAYS", "5"))

# Harvest limits: per table.
PROFILE_MAX_ROWS = int(os.environ.get("PROFILE_MAX_ROWS", "1000000"))
PROFILE_MAX_SECONDS = int(os.environ.get("PROFILE_MAX_SECONDS", "30"))
SAMPLE_ROWS = int(os.environ.get("SAMPLE_ROWS", "20"))

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "catalog.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["catalog.api.permissions.ReadOrToken"],
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
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
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
    SECURE_SSL_REDIRECT = flag("SECURE_SSL_REDIRECT", default=True)
    SECURE_HSTS_SECONDS = int(os.environ.get("SECURE_HSTS_SECONDS", "31536000"))
    SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True

HEALTH_FILE = os.environ.get("HEALTH_FILE", "")
METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "")
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
# A body of lineage events, packed or unpacked, in bytes.
LINEAGE_MAX_BODY = int(os.environ.get("LINEAGE_MAX_BODY", str(32 * 1024 * 1024)))
# A push: bytes of a body (unpacked) and of a line, lines in one transaction, calls of a token.
PUSH_MAX_BODY = int(os.environ.get("PUSH_MAX_BODY", str(4 * 1024**3)))
PUSH_MAX_LINE = int(os.environ.get("PUSH_MAX_LINE", str(8 * 1024**2)))
PUSH_MAX_ATOMIC_LINES = int(os.environ.get("PUSH_MAX_ATOMIC_LINES", "10000"))
PUSH_RATE = int(os.environ.get("PUSH_RATE", "60"))  # begun in a minute
PUSH_CONCURRENCY = int(os.environ.get("PUSH_CONCURRENCY", "2"))  # at once
PUSH_IDLE_SECONDS = int(os.environ.get("PUSH_IDLE_SECONDS", "60"))  # without a byte
# Mail: to the log of the worker where no server is named.
EMAIL_HOST = os.environ.get("EMAIL_HOST", "")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = flag("EMAIL_USE_TLS")
EMAIL_USE_SSL = flag("EMAIL_USE_SSL")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("EMAIL_FROM", "gazetteer@localhost")

LOG_FORMAT = os.environ.get("LOG_FORMAT", "json" if PUBLIC_URL.startswith("https://") else "text")
if LOG_FORMAT not in logs.FORMATS:
    raise ImproperlyConfigured(
        f"LOG_FORMAT is {LOG_FORMAT!r}; allowed are {', '.join(logs.FORMATS)}"
    )
LOGGING = logs.config(LOG_FORMAT, os.environ.get("LOG_LEVEL", "INFO").upper())
