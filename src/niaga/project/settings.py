"""Django settings; every deployment choice comes from the environment (see docs/operate.md)."""

import os
from pathlib import Path

import django_stubs_ext
from django.utils.csp import CSP
from jinja2 import FileSystemBytecodeCache

from niaga.plumbing.database_url import database
from niaga.plumbing.secret_key import secret_key
from niaga.project.folders import data_folder, demo_parties
from niaga.project.storing import documents_keep_years, documents_storage

django_stubs_ext.monkeypatch()

SOURCE = Path(__file__).resolve().parent.parent
DATA = data_folder()

SECRET_KEY = secret_key("NIAGA_SECRET_KEY", DATA)
# Seals what the database must not tell by itself (licence keys, secrets of senders).
SEALING_KEY = secret_key("NIAGA_SEALING_KEY", DATA, "sealing-key")
DEBUG = os.environ.get("NIAGA_DEBUG") == "1"
ALLOWED_HOSTS = os.environ.get("NIAGA_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
SITE_URL = os.environ.get("NIAGA_SITE_URL", "https://localhost:8443")

# Who runs the market, as its own documents (commission, payouts) name it.
MARKET_NAME = os.environ.get("NIAGA_MARKET_NAME", "Niaga")
MARKET_LEGAL_NAME = os.environ.get("NIAGA_MARKET_LEGAL_NAME", "")
MARKET_ADDRESS = os.environ.get("NIAGA_MARKET_ADDRESS", "").split("|")
MARKET_EMAIL = os.environ.get("NIAGA_MARKET_EMAIL", "")
MARKET_NPWP = os.environ.get("NIAGA_MARKET_NPWP", "")
# A market that is PKP owes PPN on its commissions: 11/111 of each is not its own.
MARKET_CHARGES_PPN = os.environ.get("NIAGA_MARKET_CHARGES_PPN", "") == "yes"
# A market that the tax office appointed keeps 0.5 % of its sellers' turnover for it (PMK 37/2025).
MARKET_WITHHOLDS_PPH22 = os.environ.get("NIAGA_MARKET_WITHHOLDS_PPH22", "") == "yes"
# The market's account at its bank: payouts leave from it. Without both: no ISO 20022 file.
BANK_ACCOUNT = os.environ.get("NIAGA_BANK_ACCOUNT", "")
BANK_BIC = os.environ.get("NIAGA_BANK_BIC", "")
# Numbers the parcels of sellers without a GS1 company prefix of their own (952: GS1's for demos).
GS1_PREFIX = os.environ.get("NIAGA_GS1_PREFIX", "9521234")
DOCUMENT_KEYS = DATA / "document-keys"
# Whole years after its own for which a document's contents are kept; 0: for good.
DOCUMENTS_KEEP_YEARS = documents_keep_years(os.environ)

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "django_htmx",
    "procrastinate.contrib.django",
    "niaga.plumbing",
    "niaga.ledger",
    "niaga.parties",
    "niaga.flows.goods",
    "niaga.flows.information",
    "niaga.flows.money",
    "niaga.flows.documents",
    "niaga.stages.sharing",
    "niaga.stages.ordering",
    "niaga.stages.aftersales",
    "niaga.doors.look",
    "niaga.doors.storefront",
    "niaga.doors.seller_portal",
    "niaga.doors.back_office",
    "niaga.project",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "niaga.project.urls"
WSGI_APPLICATION = "niaga.project.wsgi.application"

PAGES_BEFOREHAND = True  # compiled before the web server's workers fork
_COMPILED = DATA / "compiled-templates"  # nobody else may write there: it is code
_COMPILED.mkdir(mode=0o700, parents=True, exist_ok=True)
TEMPLATES = [
    {
        # The doors' pages. Rendering 24 cards: Jinja2 240 us, Django templates 600 us.
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [
            SOURCE / "doors/look/jinja2",
            SOURCE / "doors/storefront/jinja2",
            SOURCE / "doors/seller_portal/jinja2",
            SOURCE / "doors/back_office/jinja2",
            SOURCE / "flows/information/jinja2",
        ],
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "niaga.doors.look.environment.environment",
            "bytecode_cache": FileSystemBytecodeCache(str(_COMPILED)),
        },
    },
    {
        # Django admin and allauth bring Django templates; allauth's are dressed in doors/look.
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [SOURCE / "doors/look/templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# DATABASE_URL; the command line sets it to the embedded server when it is absent.
DATABASES = {
    "default": database(
        os.environ.get("DATABASE_URL", "postgresql://postgres@/niaga"),
        pool=int(os.environ.get("NIAGA_POOL", "16")),
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "parties.Person"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = os.environ.get("NIAGA_EMAIL_VERIFICATION", "optional")
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/"

LANGUAGE_CODE = "id"
LANGUAGES = [("id", "Bahasa Indonesia"), ("en", "English")]
LOCALE_PATHS = [SOURCE / "project/locale"]
LANGUAGE_COOKIE_NAME = "niaga_language"
LANGUAGE_COOKIE_SECURE = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Jakarta"

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "servestatic.storage.CompressedManifestStaticFilesStorage"},
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA / "private", "base_url": None},
    },
    "documents": documents_storage(os.environ, DATA / "documents"),
}

MAILERS = {
    "default": {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": os.environ.get("NIAGA_SMTP_HOST", "127.0.0.1"),
            "port": int(os.environ.get("NIAGA_SMTP_PORT", "2525")),
            "username": os.environ.get("NIAGA_SMTP_USER", ""),
            "password": os.environ.get("NIAGA_SMTP_PASSWORD", ""),
            "use_tls": os.environ.get("NIAGA_SMTP_STARTTLS") == "1",
            "timeout": 10,
        },
    },
}
DEFAULT_FROM_EMAIL = os.environ.get("NIAGA_MAIL_FROM", "Niaga <halo@niaga.localhost>")

SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}
SECURE_HSTS_SECONDS = int(os.environ.get("NIAGA_HSTS_SECONDS", "0"))
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "django.contrib.sessions.backends.db"
CSRF_COOKIE_SECURE = True
CSRF_FAILURE_VIEW = "niaga.doors.look.views.csrf_failure"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024

# Cards: taken where a gateway is named, and offered once the authority has certified our keys.
# What `niaga demo` tells its own processes holds for the commands beside it, too.
_PARTIES = {**demo_parties(), **os.environ}
CARD_GATEWAY_URL = _PARTIES.get("NIAGA_GATEWAY_URL", "")
CARD_AUTHORITY_URL = _PARTIES.get("NIAGA_AUTHORITY_URL", "")
CARD_WALLET_ORIGIN = _PARTIES.get("NIAGA_WALLET_ORIGIN", "")
CARD_MERCHANT_NAME = _PARTIES.get("NIAGA_MERCHANT_NAME", "Niaga")
CARD_ROOT = _PARTIES.get("NIAGA_PAYMENT_ROOT", str(DATA / "payment-root.pem"))
CARD_WEB_AUTHORITY = _PARTIES.get("NIAGA_WEB_AUTHORITY", "")
# A page that plays a payer's bank, for trying codes (the demo's gateway has one); else nothing.
PAYER_SIMULATOR_URL = _PARTIES.get("NIAGA_PAYER_SIMULATOR_URL", "")
CARD_KEYS = DATA / "payment-keys"

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("NIAGA_LOG_LEVEL", "WARNING")},
}
