"""All settings, from the environment or a file `.env` beside `manage.py`; read only here."""

import os
import re
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from adapters.persistence.conninfo import UnreadableUrl, django_settings
from adapters.persistence.roles import Role

ROOT = Path(__file__).resolve().parent.parent
# The placeholder in `.env.example` for values that have to be replaced.
EXAMPLE = "change-me"
SHORTEST_SECRET_KEY = 50

env = environ.Env(
    ACCOUNTS_PER_USER=(int, 200),
    ADMIN_NETWORKS=(list, []),
    DASHTAM_ENV=(str, "development"),
    DATABASE_URL=(str, ""),
    SECRET_KEY=(str, ""),
    ALLOWED_HOSTS=(list, []),
    AUDIT_MAC_KEYS=(list, []),
    AUDIT_PUBLIC_KEYS=(list, []),
    AUDIT_SEALING_KEY=(str, ""),
    AUDIT_WITNESS=(str, ""),
    CLOUDWATCH_LOG_GROUP=(str, ""),
    BODY_BYTES_PER_SECOND=(int, 20_000),
    BODY_GRACE_SECONDS=(float, 10.0),
    BODY_MAX_SECONDS=(float, 120.0),
    CREDENTIAL_KEYS=(list, []),
    CORS_ORIGINS=(list, []),
    CSRF_TRUSTED_ORIGINS=(list, []),
    DATA_DIR=(str, str(ROOT / "var")),
    DB_CONNECTIONS_PER_USER=(int, 3),
    DB_ECHO=(bool, False),
    DB_POOL_SIZE=(int, 8),
    DB_POOL_TIMEOUT=(float, 30.0),
    DB_READING_TIMEOUT=(float, 5.0),
    EMAIL_URL=(str, ""),
    EMAIL_FROM=(str, "dashtam@localhost"),
    ENABLE_BANKING_APPLICATION_ID=(str, ""),
    ENABLE_BANKING_KEY=(str, ""),
    ENABLE_BANKING_URL=(str, "https://api.enablebanking.com"),
    EVENT_STREAM_URL=(str, ""),
    FINTS_PRODUCT_ID=(str, ""),
    HEADER_SECONDS=(float, 10.0),
    IMPORT_BACKGROUND_BYTES=(int, 1024 * 1024),
    IMPORT_MAX_BYTES=(int, 50 * 1024 * 1024),
    IMPORT_MAX_MEMORY=(int, 256 * 1024 * 1024),
    IMPORT_MAX_ROWS=(int, 100_000),
    IMPORT_MAX_SECONDS=(int, 5),
    IMPORTS_WAITING_PER_USER=(int, 3),
    LOG_LEVEL=(str, "INFO"),
    OWNER_PASSWORD=(str, ""),
    LOCAL_URL=(str, "http://127.0.0.1:8000"),
    PROVIDERS_MAY_BE_PRIVATE=(bool, False),
    PROVIDER_SANDBOX=(bool, False),
    PUBLIC_URL=(str, ""),
    APP_PASSWORD=(str, ""),
    RATE_LIMIT_SCALE=(float, 1.0),
    RELAY_IN_SERVER=(bool, True),
    SYNC_IN_SERVER=(bool, True),
    SEALER_PASSWORD=(str, ""),
    SECURITY_CONTACT=(str, ""),
    STORAGE_PER_USER=(int, 2 * 1024 * 1024 * 1024),
    AUDITOR_PASSWORD=(str, ""),
    OPERATOR_PASSWORD=(str, ""),
    TRUSTED_PROXIES=(list, []),
    UPLOAD_SPOOL_BYTES=(int, 512 * 1024 * 1024),
    UPLOADS_AT_ONCE=(int, 64),
    UPLOADS_PER_NETWORK=(int, 8),
)


def read_file(path: Path) -> None:
    """Read settings that are not in the environment from a file, and refuse unknown names."""
    environment = set(os.environ)
    if path.exists():
        env.read_env(path)
    unknown = sorted(name for name in set(os.environ) - environment if name not in env.scheme)
    unknown += sorted(
        name for name in environment if name.startswith("DASHTAM_") and name not in env.scheme
    )
    if unknown:
        raise ImproperlyConfigured(f"Unknown settings: {', '.join(unknown)}. See .env.example.")


def setting(name: str) -> Any:
    """Return the value of a setting."""
    try:
        # The package removes letters from numbers, so that 1e6 would be 16.
        return float(env.str(name)) if env.scheme[name][0] is float else env(name)
    except ValueError as error:
        raise ImproperlyConfigured(f"The setting {name} cannot be read: {error}") from error


def _networks(name: str) -> list[IPv4Network | IPv6Network]:
    try:
        return [ip_network(each) for each in setting(name)]
    except ValueError as error:
        raise ImproperlyConfigured(f"The setting {name} cannot be read: {error}") from error


def _key(name: str) -> str:
    """Return a private key, which is in the setting itself or in the file that it names."""
    value: str = setting(name)
    if not value or value.lstrip().startswith("-----BEGIN"):
        return value
    try:
        return Path(value).read_text(encoding="ascii")
    except (OSError, ValueError):
        # Not the value: it may be a key, written wrongly.
        words = "is neither a private key in PEM nor a file with one"
        raise ImproperlyConfigured(f"The setting {name} {words}.") from None


def _require(*names: str) -> None:
    missing = [name for name in names if not setting(name)]
    if missing:
        raise ImproperlyConfigured(f"Production needs these settings: {', '.join(missing)}.")


def _refuse_examples() -> None:
    """Refuse to start with values from `.env.example`, which everybody knows."""
    left = sorted(name for name in env.scheme if EXAMPLE in os.environ.get(name, ""))
    if left:
        raise ImproperlyConfigured(f"These settings still say {EXAMPLE}: {', '.join(left)}.")
    if len(setting("SECRET_KEY")) < SHORTEST_SECRET_KEY:
        raise ImproperlyConfigured(
            f"The setting SECRET_KEY has fewer than {SHORTEST_SECRET_KEY} characters."
        )


read_file(ROOT / ".env")

ENVIRONMENT = setting("DASHTAM_ENV")
if ENVIRONMENT not in ("development", "production"):
    raise ImproperlyConfigured("The setting DASHTAM_ENV must be development or production.")
PRODUCTION = ENVIRONMENT == "production"
if PRODUCTION:
    _require("DATABASE_URL", "SECRET_KEY", "ALLOWED_HOSTS", "EMAIL_URL")
    _refuse_examples()

# Errors are problem documents in every environment: Django's debug pages show too much.
DEBUG = False
SECRET_KEY = setting("SECRET_KEY") or "development-only-not-a-secret-" + "0" * 32
ALLOWED_HOSTS = setting("ALLOWED_HOSTS") or ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = setting("CSRF_TRUSTED_ORIGINS")
# Under which URL apps of others find this server. If there is none: the host of the request.
PUBLIC_URL = setting("PUBLIC_URL").rstrip("/")
if PUBLIC_URL and not re.fullmatch(r"https?://[^/?#\s@]+", PUBLIC_URL):
    raise ImproperlyConfigured("The setting PUBLIC_URL must be `https://host`, without a path.")
# Where a browser on this machine finds the server; `serve` sets it.
LOCAL_URL = setting("LOCAL_URL")
# Whether providers may be at addresses of private networks, or of this machine.
PROVIDERS_MAY_BE_PRIVATE = setting("PROVIDERS_MAY_BE_PRIVATE")
# A simulated bank is offered in development, and in production only if somebody says so.
PROVIDER_SANDBOX = setting("PROVIDER_SANDBOX") or not PRODUCTION
DATA_DIR = Path(setting("DATA_DIR"))
ACCOUNTS_PER_USER = setting("ACCOUNTS_PER_USER")
IMPORT_BACKGROUND_BYTES = setting("IMPORT_BACKGROUND_BYTES")
IMPORT_MAX_BYTES = setting("IMPORT_MAX_BYTES")
IMPORT_MAX_MEMORY = setting("IMPORT_MAX_MEMORY")
IMPORT_MAX_ROWS = setting("IMPORT_MAX_ROWS")
IMPORT_MAX_SECONDS = setting("IMPORT_MAX_SECONDS")
IMPORTS_WAITING_PER_USER = setting("IMPORTS_WAITING_PER_USER")
STORAGE_PER_USER = setting("STORAGE_PER_USER")
if min(IMPORT_MAX_MEMORY, IMPORT_MAX_ROWS, IMPORT_MAX_SECONDS) < 1:
    raise ImproperlyConfigured("The settings IMPORT_MAX_… must be at least 1.")
RATE_LIMIT_SCALE = setting("RATE_LIMIT_SCALE")
if not 0.001 <= RATE_LIMIT_SCALE <= 1_000_000:
    raise ImproperlyConfigured("The setting RATE_LIMIT_SCALE must be from 0.001 to 1000000.")
# Timeouts while a request arrives: see `dashtam.api.bodies`.
HEADER_SECONDS = setting("HEADER_SECONDS")
BODY_GRACE_SECONDS = setting("BODY_GRACE_SECONDS")
BODY_BYTES_PER_SECOND = setting("BODY_BYTES_PER_SECOND")
BODY_MAX_SECONDS = setting("BODY_MAX_SECONDS")
UPLOADS_PER_NETWORK = setting("UPLOADS_PER_NETWORK")
UPLOADS_AT_ONCE = setting("UPLOADS_AT_ONCE")
UPLOAD_SPOOL_BYTES = setting("UPLOAD_SPOOL_BYTES")
if UPLOAD_SPOOL_BYTES < IMPORT_MAX_BYTES + 64 * 1024:
    raise ImproperlyConfigured(
        "The setting UPLOAD_SPOOL_BYTES is too small to hold a single upload."
    )
if BODY_BYTES_PER_SECOND < 1:
    raise ImproperlyConfigured("The setting BODY_BYTES_PER_SECOND must be at least 1.")
TRUSTED_PROXIES = _networks("TRUSTED_PROXIES")
# The networks from which the admin can be reached. If there are none: from everywhere.
ADMIN_NETWORKS = _networks("ADMIN_NETWORKS")

INSTALLED_APPS = [
    "dashtam",
    "adapters.persistence.staff",
    "adapters.persistence.identity",
    "adapters.persistence.connections",
    "adapters.persistence.ledger",
    "adapters.persistence.sharing",
    "adapters.audit",
    "adapters.persistence.outbox",
    "adapters.persistence.limits",
    "dashtam.admin_app.AdminApp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "dashtam.middleware.OriginMiddleware",
    "dashtam.admin_networks.AdminNetworkMiddleware",
    "dashtam.page_middleware.PageMiddleware",
    "dashtam.admin_middleware.AdminSecurityMiddleware",
    "dashtam.admin_middleware.AdminSessionMiddleware",
    "dashtam.admin_middleware.AdminCommonMiddleware",
    "dashtam.admin_middleware.AdminCsrfMiddleware",
    "dashtam.admin_middleware.AdminAuthenticationMiddleware",
    "dashtam.admin_middleware.AdminMessageMiddleware",
    "dashtam.admin_middleware.AdminFrameMiddleware",
]

# For all but pages (`dashtam.http_server.handler`). Everything in it is asynchronous.
API_MIDDLEWARE = ["dashtam.middleware.OriginMiddleware"]

# Origins whose pages may use the API from a browser. If there are none, CORS is off.
CORS_ALLOWED_ORIGINS = setting("CORS_ORIGINS")
if not all(re.fullmatch(r"https?://[^/?#\s*]+", each) for each in CORS_ALLOWED_ORIGINS):
    raise ImproperlyConfigured("Each value of the setting CORS_ORIGINS must be `https://host`.")
if CORS_ALLOWED_ORIGINS:
    INSTALLED_APPS.append("corsheaders")
    API_MIDDLEWARE.append("corsheaders.middleware.CorsMiddleware")
CORS_URLS_REGEX = r"^/api/"
# Pages send a token themselves. Cookies are only for the admin, so they are not allowed.
CORS_ALLOW_CREDENTIALS = False
CORS_ALLOW_HEADERS = ("authorization", "content-type", "traceparent")
CORS_EXPOSE_HEADERS = ("content-disposition", "retry-after", "traceparent")

ROOT_URLCONF = "dashtam.urls"
ASGI_APPLICATION = "dashtam.asgi.application"
AUTH_USER_MODEL = "staff.StaffUser"
AUTHENTICATION_BACKENDS = ["adapters.persistence.staff.backend.StaffBackend"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Whether the database is the embedded server (see `manage.py`).
EMBEDDED = False

# Without a URL there is no database; commands that need one start the embedded server.
DATABASES: dict[str, dict[str, Any]] = {}


def use_database(url: str, role: Role | None = Role.STAFF) -> None:
    """Use this database, here and in processes that are started from here.

    Django's own connections, which serve the admin, use `role`; those of `Database` use the role of
    the application. With `None`, they use the role of the login.
    """
    os.environ["DATABASE_URL"] = url
    try:
        database = django_settings(url)
    except UnreadableUrl as error:
        words = "The setting DATABASE_URL does not name a PostgreSQL database."
        raise ImproperlyConfigured(f"{words} {error}") from None
    if role and role != database["USER"]:
        database["OPTIONS"]["assume_role"] = role
    DATABASES["default"] = database


if setting("DATABASE_URL"):
    use_database(setting("DATABASE_URL"))
ROLE_PASSWORDS = {
    Role.OWNER: setting("OWNER_PASSWORD"),
    Role.APPLICATION: setting("APP_PASSWORD"),
    Role.SEALER: setting("SEALER_PASSWORD"),
    Role.AUDITOR: setting("AUDITOR_PASSWORD"),
    Role.OPERATOR: setting("OPERATOR_PASSWORD"),
}
DB_ECHO = setting("DB_ECHO")
DB_POOL_SIZE = setting("DB_POOL_SIZE")
DB_POOL_TIMEOUT = setting("DB_POOL_TIMEOUT")
DB_CONNECTIONS_PER_USER = setting("DB_CONNECTIONS_PER_USER")
DB_READING_TIMEOUT = setting("DB_READING_TIMEOUT")
if DB_CONNECTIONS_PER_USER < 1 or DB_READING_TIMEOUT < 0.001:
    raise ImproperlyConfigured(
        "DB_CONNECTIONS_PER_USER must be at least 1 and DB_READING_TIMEOUT at least 1 ms."
    )

# Each key is `id:base64`. The first of several is used; the others only decrypt older values.
AUDIT_MAC_KEYS = setting("AUDIT_MAC_KEYS")
AUDIT_PUBLIC_KEYS = setting("AUDIT_PUBLIC_KEYS")
AUDIT_SEALING_KEY = setting("AUDIT_SEALING_KEY")
AUDIT_WITNESS = setting("AUDIT_WITNESS")
CREDENTIAL_KEYS = setting("CREDENTIAL_KEYS")

# A body is read when a view requests it, within its own limits (`dashtam.api.bodies`).
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

PASSWORD_HASHERS = ["adapters.security.passwords.LowMemoryArgon2"]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

STATIC_URL = "/static/"

vars().update(env.email_url_config(setting("EMAIL_URL") or "consolemail://"))
DEFAULT_FROM_EMAIL = setting("EMAIL_FROM")
# Seconds for each step of sending an email.
EMAIL_TIMEOUT = 10
SMTP = "django.core.mail.backends.smtp.EmailBackend"
if PRODUCTION and vars()["EMAIL_BACKEND"] != SMTP:
    # Emails contain tokens, so in production they must be neither printed nor dropped.
    raise ImproperlyConfigured("The setting EMAIL_URL must name a mail server: smtp+tls://…")

LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

# These checks look for Django's middleware by name; ours is the same, but only for the admin.
SILENCED_SYSTEM_CHECKS = ["security.W001", "security.W002", "security.W003"]
# Django's own middleware sets these headers, with the same values as `dashtam.headers`.
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Sessions of staff end when the browser is closed, and after half an hour without activity.
SESSION_ENGINE = "adapters.persistence.staff.sessions"
SESSION_COOKIE_AGE = 30 * 60
SESSION_SAVE_EVERY_REQUEST = True
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_AGE = None
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
# The cookie that identifies a browser for 90 days. Messages are stored in the session.
DEVICE_COOKIE_NAME = "device"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
if PRODUCTION:
    SECURE_SSL_REDIRECT = True
    # `dashtam.proxies` removes this header unless a trusted proxy sent it.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    # Browsers accept cookies with this prefix only from this host, over HTTPS.
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    DEVICE_COOKIE_NAME = "__Host-device"

# Whom to tell about vulnerabilities: a `mailto:` or `https:` URL, in /.well-known/security.txt.
SECURITY_CONTACT = setting("SECURITY_CONTACT")
if SECURITY_CONTACT and not re.fullmatch(r"(mailto|https):\S+", SECURITY_CONTACT):
    raise ImproperlyConfigured("The setting SECURITY_CONTACT must be a mailto: or https: URL.")

# The id under which Deutsche Kreditwirtschaft has registered this product; without it, no FinTS.
FINTS_PRODUCT_ID = setting("FINTS_PRODUCT_ID")
if not re.fullmatch(r"[0-9A-Za-z]{0,25}", FINTS_PRODUCT_ID):
    raise ImproperlyConfigured("The setting FINTS_PRODUCT_ID has at most 25 letters and digits.")
# The application of this server at Enable Banking; without one, it is not offered.
ENABLE_BANKING_APPLICATION_ID = setting("ENABLE_BANKING_APPLICATION_ID")
ENABLE_BANKING_KEY = _key("ENABLE_BANKING_KEY")
ENABLE_BANKING_URL = setting("ENABLE_BANKING_URL")
if bool(ENABLE_BANKING_APPLICATION_ID) != bool(ENABLE_BANKING_KEY):
    raise ImproperlyConfigured(
        "ENABLE_BANKING_APPLICATION_ID and ENABLE_BANKING_KEY need each other."
    )
if not re.fullmatch(r"https?://[^/?#\s@]+(/[^?#\s]*)?", ENABLE_BANKING_URL):
    raise ImproperlyConfigured("The setting ENABLE_BANKING_URL must be `https://host`.")

RELAY_IN_SERVER = setting("RELAY_IN_SERVER")
SYNC_IN_SERVER = setting("SYNC_IN_SERVER")
EVENT_STREAM_URL = setting("EVENT_STREAM_URL")

LOG_LEVEL = setting("LOG_LEVEL").upper()
# Only in production: logs of development stay local.
CLOUDWATCH_LOG_GROUP = setting("CLOUDWATCH_LOG_GROUP") if PRODUCTION else ""
if CLOUDWATCH_LOG_GROUP and not find_spec("watchtower"):
    raise ImproperlyConfigured("CLOUDWATCH_LOG_GROUP needs the packages of requirements/aws.txt.")
# Logging is configured once, by `dashtam.apps`.
LOGGING_CONFIG = None
