"""Every setting of the product. Reads the environment; writes nothing and starts nothing when imported.

docs/operate/install.md lists the variables.
"""

import os
from pathlib import Path

import django_stubs_ext
from csp.constants import NONE, SELF
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from lianxin import database, keyfile
from lianxin.home import CODE, home

# Lets a model say `CharField[str, str]` at run time too.
django_stubs_ext.monkeypatch()

HOME = home()


def _flag(name: str, *, default: bool = False) -> bool:
    return os.environ.get(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


def _present(*names: str) -> list[str]:
    """Those of our apps that are in this installation."""
    return [name for name in names if (CODE.parent / Path(*name.split("."), "__init__.py")).is_file()]


# --- Who we are and who may reach us -------------------------------------------------------------------------------

DEBUG = _flag("LIANXIN_DEBUG")
# Invented data: every page says so, and the gallery of components is open.
DEMO = _flag("LIANXIN_DEMO")
SECRET_KEY = SimpleLazyObject(keyfile.session_key)
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
ALLOWED_HOSTS += [host.strip() for host in os.environ.get("LIANXIN_HOSTS", "").split(",") if host.strip()]
# Behind a proxy that ends TLS and sets X-Forwarded-Proto itself.
BEHIND_TLS_PROXY = _flag("LIANXIN_TLS_PROXY")
if BEHIND_TLS_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 31_536_000
# The proxies whose X-Forwarded-For is believed: addresses or networks. Nobody's, where none is named.
TRUSTED_PROXIES = os.environ.get("LIANXIN_TRUSTED_PROXIES", "")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS[3:] if not host.startswith("*")]

# Cookies travel over TLS only, except where the product is served on this machine alone, as the demo is.
LOOPBACK_HTTP = _flag("LIANXIN_LOOPBACK_HTTP")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = not LOOPBACK_HTTP
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "lianxin_session"
CSRF_COOKIE_NAME = "lianxin_csrf"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"

# --- What it is made of --------------------------------------------------------------------------------------------

KERNEL_APPS = _present(
    "lianxin.kernel.reference",
    "lianxin.kernel.audit",
    "lianxin.kernel.orgs",
    "lianxin.kernel.people",
    "lianxin.kernel.work",
    "lianxin.kernel.cases",
    "lianxin.kernel.ledger",
    "lianxin.kernel.metrics",
    "lianxin.kernel.notices",
    "lianxin.kernel.sheets",
    "lianxin.kernel.programmes",
    "lianxin.kernel.gatherings",
)
DOMAIN_APPS = _present(
    "lianxin.safety",
    "lianxin.care",
    "lianxin.rights",
    "lianxin.stations",
    "lianxin.jobs",
    "lianxin.classes",
    "lianxin.contests",
    "lianxin.alliances",
    "lianxin.organizing",
)
FACE_APPS = _present("lianxin.web", "lianxin.api", "lianxin.replay", "lianxin.bench", "lianxin.operate")

INSTALLED_APPS = [
    *KERNEL_APPS,
    *DOMAIN_APPS,
    *FACE_APPS,
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    # Before everything that counts by address.
    "lianxin.kernel.people.addresses.ClientAddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "lianxin.web.middleware.AddressMiddleware",
    "lianxin.web.multipart.MultipartMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "lianxin.web.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "lianxin.kernel.people.middleware.ActorMiddleware",
    "lianxin.web.middleware.RefusalMiddleware",
]

ROOT_URLCONF = "lianxin.urls"
CSRF_FAILURE_VIEW = "lianxin.web.errors.csrf_failed"
WSGI_APPLICATION = "lianxin.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "lianxin.web.context.shell",
            ],
            # The components of the pages; docs/guide/pages.md shows each.
            "builtins": [
                "lianxin.web.templatetags.words",
                "lianxin.web.templatetags.once",
                "lianxin.web.templatetags.ui",
                "lianxin.web.templatetags.forms",
                "lianxin.web.templatetags.figures",
                "lianxin.web.templatetags.lines",
            ],
        },
    },
]

# --- Data ----------------------------------------------------------------------------------------------------------

# docs/adr/0003-embedded-postgresql.md compares the ways to keep connections. `lianxin serve` names the size of the
# pool that each of its processes shares; any other process keeps one connection a thread.
POOL = int(os.environ.get("LIANXIN_POOL", "0"))
DATABASES = {
    "default": database.connection_settings()
    | {
        "CONN_MAX_AGE": 0 if POOL else None,
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"CHARSET": "UTF8", "TEMPLATE": "template0"},
    }
}
# Only for kernel.prepared: Django's own cursors bind on the client and prepare nothing.
DATABASES["default"]["OPTIONS"]["prepare_threshold"] = 5
if POOL:
    DATABASES["default"]["OPTIONS"]["pool"] = database.pool_options(POOL)

# Attachments hold evidence and papers: a view hands each one to whoever may see it, no URL leads here.
MEDIA_ROOT = HOME / "attachments"
MEDIA_URL = ""
KEYS_ROOT = HOME / "keys"
# Checkpoints of the log are repeated here, outside the database, so that a rolled-back database is noticed.
ANCHORS_ROOT = HOME / "anchors"
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

STATIC_URL = "static/"
STATIC_ROOT = (
    CODE.parent / "build" / "static" if (CODE.parent / "pyproject.toml").is_file() else HOME / "static"
)
STORAGES = {
    "default": {"BACKEND": "lianxin.kernel.files.storage.DurableStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if DEBUG:
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True

# --- Accounts ------------------------------------------------------------------------------------------------------

if (CODE / "kernel" / "people" / "models.py").is_file():
    AUTH_USER_MODEL = "people.Account"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "web:home"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "lianxin.kernel.people.passwords.LongEnough", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# allauth: kept together here; the people app decides what these say.
# Nobody needs an e-mail address here, and accounts have none.
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_USER_MODEL_USERNAME_FIELD = "username"
ACCOUNT_ADAPTER = "lianxin.kernel.people.signin.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "phone"}
ACCOUNT_SIGNUP_FIELDS = ["phone", "username", "password1"]
# A phone marked as needed would be asked for at every sign-in, of accounts that have none as well; nobody signs up.
SILENCED_SYSTEM_CHECKS = ["account.W001"]
# A number is proved by the code that its owner signs in with.
ACCOUNT_PHONE_VERIFICATION_ENABLED = False
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 3
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 300
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
MFA_ADAPTER = "lianxin.kernel.people.signin.MFAAdapter"
MFA_PASSKEY_LOGIN_ENABLED = True
# A passkey stands for password and second factor together, so the device must have checked its user.
MFA_WEBAUTHN_USER_VERIFICATION = "required"
SESSION_ENGINE = "lianxin.kernel.people.sessions"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "连心 Lianxin"
# The actor middleware writes it down, once a minute; allauth's own would at every request.
USERSESSIONS_TRACK_ACTIVITY = True
# What makes the site installable and answers without a signal: asked for by everybody, about nobody.
PAGES_WITHOUT_DATABASE = frozenset({"/offline/", "/sw.js", "/manifest.webmanifest"})

# --- Language and time ---------------------------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [CODE / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# --- What a page may load ------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        # A voice note is heard on the page before it is sent.
        "media-src": [SELF, "blob:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

# --- Background work -----------------------------------------------------------------------------------------------

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "tasks"

# --- Messages to phones --------------------------------------------------------------------------------------------

# Where text messages go (ADR 0012). Without a gateway nothing is sent; a demonstration only lists them.
SMS_GATEWAY_URL = os.environ.get("LIANXIN_SMS_URL", "")
SMS_GATEWAY_SECRET = os.environ.get("LIANXIN_SMS_SECRET", "")
NOTICE_SENDERS: dict[str, str] = {}
if SMS_GATEWAY_URL:
    NOTICE_SENDERS["sms"] = "lianxin.kernel.notices.senders.gateway"
elif DEMO:
    NOTICE_SENDERS["sms"] = "lianxin.kernel.notices.senders.outbox"

# --- What is written down about running ----------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "lianxin.kernel.logs.Discreet",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("LIANXIN_LOG_LEVEL", "INFO")},
    "loggers": {
        # Django's own log of SQL and of requests holds parameters and paths, which hold personal data.
        "django.db.backends": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        "procrastinate": {"level": "WARNING"},
        # Says each attempt while a database is away; whoever waited in vain says it once.
        "psycopg.pool": {"level": "ERROR"},
    },
}
