"""Django settings of the gateway; nothing is shared with the market but code.

The gateway has three fronts. `payments` speaks with merchants, under mutual TLS; `authority` tells
anyone whom to trust; `office` is for the bank's own people. NIAGA_GATEWAY_FRONT says which one a
process serves.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
from django.utils.csp import CSP

from niaga.plumbing.database_url import database
from niaga.plumbing.secret_key import secret_key

django_stubs_ext.monkeypatch()

SOURCE = Path(__file__).resolve().parent.parent
DATA = Path(
    os.environ.get("NIAGA_GATEWAY_DATA", Path(os.environ.get("NIAGA_DATA", ".niaga")) / "gateway")
).resolve()
FRONT = os.environ.get("NIAGA_GATEWAY_FRONT", "office")

# The parties: who this gateway is, where its issuer answers, whose passkeys count.
GATEWAY_ADDRESS = os.environ.get("NIAGA_GATEWAY_ADDRESS", "https://localhost:8445")
GATEWAY_NAME = os.environ.get("NIAGA_GATEWAY_NAME", "Bank Niaga Contoh")
GATEWAY_KEYS = DATA / "keys"
AUTHORITY_KEYS = DATA / "authority"
# Merchants whose orders for certificates are approved as they come; others wait for an operator.
AUTHORITY_APPROVES = os.environ.get("NIAGA_AUTHORITY_APPROVES", "").split()
# What one address may ask the authority in a minute is multiplied by this.
AUTHORITY_PACE = int(os.environ.get("NIAGA_AUTHORITY_PACE", "1"))
ISSUER_HOST = os.environ.get("NIAGA_ISSUER_HOST", "localhost")
ISSUER_PORT = int(os.environ.get("NIAGA_ISSUER_PORT", "8583"))
# Who the issuer's TLS certificate must speak for, where the payment's own root vouches for it.
ISSUER_ADDRESS = os.environ.get("NIAGA_ISSUER_ADDRESS", "https://localhost:8583")
# Who else vouches for it, and for nobody but issuers; by default the payment's own root.
ISSUER_AUTHORITY = os.environ.get("NIAGA_ISSUER_AUTHORITY", "")
# The chain (PEM) of the key to which wallets seal card data; the key is the issuer's alone.
ISSUER_SEAL = Path(os.environ.get("NIAGA_ISSUER_SEAL", DATA / "issuer-seal.pem"))
WALLET_ORIGIN = os.environ.get("NIAGA_WALLET_ORIGIN", "https://localhost:8444")
WALLET_HOST = urlsplit(WALLET_ORIGIN).hostname or ""
# From this amount on the person's passkey is asked for (minor units of any currency).
SECOND_FACTOR_FROM_MINOR = int(os.environ.get("NIAGA_SECOND_FACTOR_FROM_MINOR", "50000000"))
# Whether merchant and buyer are told that an account holds too little, or only that it declined.
TELLS_FUNDS = os.environ.get("NIAGA_GATEWAY_TELLS_FUNDS", "yes") == "yes"
# Whether the office has a page that plays a payer's bank: for trying, never at a real gateway.
PAYER_SIMULATOR = os.environ.get("NIAGA_PAYER_SIMULATOR", "") == "yes"

SECRET_KEY = secret_key("NIAGA_GATEWAY_SECRET_KEY", DATA)
DEBUG = False
ALLOWED_HOSTS = os.environ.get("NIAGA_GATEWAY_HOSTS", "localhost,127.0.0.1,[::1]").split(",")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "niaga.plumbing",
    "niaga.ledger",
    "niaga.gateway",
    "niaga.gateway.authority",
]

_SECURITY = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
]
_OFFICE = [
    "servestatic.middleware.ServeStaticMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
MIDDLEWARE = _SECURITY + (_OFFICE if FRONT == "office" else [])
ROOT_URLCONF = f"niaga.gateway.{FRONT}.urls"

PAGES_BEFOREHAND = False  # the few of the office are compiled as they are asked for
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        # The look's small parts are used as files; none of its code is.
        "DIRS": [SOURCE / "gateway/office/jinja2", SOURCE / "doors/look/jinja2"],
        "APP_DIRS": False,
        "OPTIONS": {"environment": "niaga.gateway.office.environment.environment"},
    },
]

# NIAGA_GATEWAY_DATABASE_URL; the command line sets it to the embedded server when it is absent.
DATABASES = {
    "default": database(
        os.environ.get("NIAGA_GATEWAY_DATABASE_URL", "postgresql://postgres@/niaga_gateway"),
        pool=int(os.environ.get("NIAGA_GATEWAY_POOL", "16")),
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "overview"
LOGOUT_REDIRECT_URL = "sign-in"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("id", "Bahasa Indonesia")]
LOCALE_PATHS = [SOURCE / "project/locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Jakarta"

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
# The bank's pages wear the market's style; a style sheet is no code.
STATICFILES_DIRS = [SOURCE / "doors/look/static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "servestatic.storage.CompressedManifestStaticFilesStorage"},
}
SERVESTATIC_USE_MANIFEST = True

SECURE_CSP = {
    "default-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_AGE = 8 * 3600
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_SAMESITE = "Strict"
X_FRAME_OPTIONS = "DENY"
# The largest message (an authorization request with its sealed half) is far below this.
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("NIAGA_LOG_LEVEL", "WARNING")},
}
