"""Settings, from the environment. docs/deploy.md names every variable.

SAPAR_MODE is "demonstration" (the default of `make demo`), "production" or "test". Production
refuses to start without its own secrets.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from sapar.site import logs

PACKAGE = Path(__file__).resolve().parent.parent
ROOT = PACKAGE.parent.parent
MODE = os.environ.get("SAPAR_MODE", "demonstration")
if MODE not in {"demonstration", "production", "test"}:
    message = f"SAPAR_MODE is {MODE!r}; use demonstration, production or test"
    raise ImproperlyConfigured(message)
DEMONSTRATION = MODE != "production"
VAR = Path(os.environ.get("SAPAR_VAR", ROOT / ".var"))
DATA = Path(os.environ.get("SAPAR_DATA", ROOT / "data"))


def _secret(name: str) -> str:
    """A secret from the environment; elsewhere than in production, one kept under VAR."""
    if name in os.environ:
        return os.environ[name]
    if MODE == "production":
        text = f"{name} is not set; production needs it (docs/deploy.md, 'Secrets')"
        raise ImproperlyConfigured(text)
    if MODE == "test":
        return "00" * 32
    path = VAR / f"{name.lower()}.secret"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="ascii") as file:
            path.chmod(0o600)
            file.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    return path.read_text(encoding="ascii").strip()


SECRET_KEY = _secret("SAPAR_SECRET_KEY")
# Chains name the key that sealed them, so keys can be changed: "id:hex[,id:hex]", the last seals.
AUDIT_KEYS: dict[str, str] = {}
for _entry in _secret("SAPAR_AUDIT_KEYS").split(","):
    _key_id, _separator, _hex = _entry.rpartition(":")
    AUDIT_KEYS[_key_id or "k1"] = _hex
AUDIT_KEY_ID = list(AUDIT_KEYS)[-1]

DEBUG = False
ALLOWED_HOSTS = os.environ.get("SAPAR_HOSTS", "localhost,127.0.0.1,testserver").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("SAPAR_ORIGINS", "").split(",") if o]
WSGI_APPLICATION = "sapar.site.wsgi.application"
ROOT_URLCONF = "sapar.site.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "sapar.design",
    "sapar.kernel",
    "sapar.kernel.accounts",
    "sapar.kernel.audit",
    "sapar.kernel.documents",
    "sapar.kernel.jobs",
    "sapar.network",
    "sapar.people",
    "sapar.cases",
    "sapar.funding",
    "sapar.travel",
    "sapar.booking",
    "sapar.proton",
    "sapar.hta",
    "sapar.answer",
    "sapar.site",
]

MIDDLEWARE = [
    "sapar.site.middleware.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "sapar.kernel.accounts.middleware.ActorMiddleware",
    "sapar.site.middleware.FaultMiddleware",
]
if MODE != "production":
    # Production has compressed its files beforehand; elsewhere they are compressed as they go.
    MIDDLEWARE.remove("django.middleware.gzip.GZipMiddleware")
    MIDDLEWARE.insert(1, "django.middleware.gzip.GZipMiddleware")

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Before the apps, so that our pages stand in for those of allauth.
        "DIRS": [PACKAGE / "site" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "sapar.kernel.accounts.web.context",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]


def _database(url: str) -> dict[str, Any]:
    """`sqlite:///path` or `postgresql://user:password@host/name` (host may be a socket folder)."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path),
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;"
                "PRAGMA foreign_keys=ON;",
            },
        }
    if parts.scheme in {"postgresql", "postgres"}:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path.lstrip("/"),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    text = f"SAPAR_DATABASE_URL has the scheme {parts.scheme!r}; use sqlite or postgresql"
    raise ImproperlyConfigured(text)


DATABASES = {
    "default": _database(os.environ.get("SAPAR_DATABASE_URL", f"sqlite://{VAR / 'sapar.sqlite3'}"))
}
CACHES = {
    # Shared by all processes, so that allauth's rate limits count for the installation.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "sapar_cache",
    }
}

LANGUAGE_CODE = "ru"
LANGUAGES = [
    ("kk", _("Kazakh")),
    ("ky", _("Kyrgyz")),
    ("uz", _("Uzbek")),
    ("ru", _("Russian")),
    ("en", _("English")),
]
LOCALE_PATHS = [PACKAGE / "site" / "locale"]
FORMAT_MODULE_PATH = "sapar.site.formats"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Almaty"

STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
if MODE != "production":
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns of a folder that is missing
MEDIA_ROOT = VAR / "files"
# Rooms below the answer link to a case without knowing who shows it.
ABSOLUTE_URL_OVERRIDES = {"cases.case": lambda case: reverse("answer:case", args=[case.pk])}

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if MODE == "production"
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = MODE != "production"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["sapar.kernel.documents.adapters.upload.LimitedUploadHandler"]
FILE_UPLOAD_PERMISSIONS = 0o600

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

AUTHENTICATION_BACKENDS = ["sapar.kernel.accounts.adapters.signin.Backend"]
ACCOUNT_ADAPTER = "sapar.kernel.accounts.adapters.signin.Adapter"
MFA_ADAPTER = "sapar.kernel.accounts.adapters.signin.MFAAdapter"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    *(["django.contrib.auth.hashers.MD5PasswordHasher"] if MODE == "test" else []),
]
if MODE == "test":
    PASSWORD_HASHERS.reverse()
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
# Beyond allauth's own: requests for access, which anybody may send, and which may send a letter.
ACCOUNT_RATE_LIMITS = {"request_access": "20/h/ip"}
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if MODE == "production" else "none"
# Rate limits count by visitor: the proxy before us says whose request it is (docs/deploy.md).
ALLAUTH_TRUSTED_PROXY_COUNT = int(
    os.environ.get("SAPAR_PROXIES", "1" if MODE == "production" else "0")
)
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = MODE != "production"


def _mail(url: str) -> dict[str, Any]:
    """`smtp://user:password@host:587` (STARTTLS), `smtps://…:465` (TLS); "" sends nothing."""
    if not url:
        return {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"}:
        text = f"SAPAR_SMTP has the scheme {parts.scheme!r}; use smtp or smtps"
        raise ImproperlyConfigured(text)
    return {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "HOST": parts.hostname or "localhost",
        "PORT": parts.port or (465 if parts.scheme == "smtps" else 587),
        "HOST_USER": unquote(parts.username or ""),
        "HOST_PASSWORD": unquote(parts.password or ""),
        "USE_SSL": parts.scheme == "smtps",
        "USE_TLS": parts.scheme == "smtp",
    }


_smtp = _mail(os.environ.get("SAPAR_SMTP", ""))
EMAIL_BACKEND = _smtp["BACKEND"]
if len(_smtp) > 1:
    EMAIL_HOST, EMAIL_PORT = _smtp["HOST"], _smtp["PORT"]
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _smtp["HOST_USER"], _smtp["HOST_PASSWORD"]
    EMAIL_USE_SSL, EMAIL_USE_TLS = _smtp["USE_SSL"], _smtp["USE_TLS"]
    EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = SERVER_EMAIL = os.environ.get("SAPAR_MAIL_FROM", "sapar@localhost")

# A working day: whoever leaves a shared desk in the evening is signed out by the morning.
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if MODE == "production":
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SECURE_SSL_REDIRECT = True
    # Probes come over plain HTTP from the machine itself.
    SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
CLAMD_ADDRESS = os.environ.get("SAPAR_CLAMD", "")
METRICS_TOKEN = os.environ.get("SAPAR_METRICS_TOKEN", "")
LOG_FORMAT = os.environ.get("SAPAR_LOG_FORMAT", "json" if MODE == "production" else "text")
LOGGING = logs.configure(
    LOG_FORMAT, os.environ.get("SAPAR_LOG_LEVEL", "WARNING" if MODE != "production" else "INFO")
)
