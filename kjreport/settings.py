"""The site's settings: one file, from the environment, in the order a request meets them.

Every variable is described in `.env.example`. What production must not do is refused by `kjreport.checks`.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils.csp import CSP
from environs import Env

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env()
env.read_env(BASE_DIR / ".env", recurse=False)

# What kind of place this is -------------------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="insecure-only-for-a-laptop" if DEBUG else "")
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])
SITE_NAME = "KJ Report"
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)

# The door: hosts, proxies, transport ----------------------------------------------------------------------------------

_HTTPS = SITE_URL.startswith("https://")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"] if DEBUG else [])
CSRF_TRUSTED_ORIGINS = [SITE_URL]
if env.bool("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)

SECURE_SSL_REDIRECT = _HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/$", r"^stripe/webhook/$"]
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=63_072_000) if _HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _HTTPS and env.bool("HSTS_SUBDOMAINS", default=True)
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

SESSION_COOKIE_NAME = "__Host-sessionid" if _HTTPS else "sessionid"
SESSION_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = int(timedelta(days=90).total_seconds())
CSRF_COOKIE_NAME = "__Host-csrftoken" if _HTTPS else "csrftoken"
CSRF_COOKIE_SECURE = _HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"

# Readers and admin alike: nothing inline, nothing of third parties.
SECURE_CSP: dict[str, list[str]] = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE],
    "img-src": [CSP.SELF, "data:", "blob:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "object-src": [CSP.NONE],
}

# The floors -----------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "kjreport.apps.KJReportConfig",
    "articles",
    "articles.authors",
    "articles.related",
    "subscriptions",
    "donations",
    "kjreport.payments",
    "kjreport.accounts",
    "kjreport.apps.NewsroomConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "anymail",
    "django_prose_editor",
    "django_tasks_db",
    "drf_spectacular",
    "rest_framework",
    "reversion",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "kjreport.headers.HeadersMiddleware",
    *(["kjreport.laptop.DressedNotFound"] if DEBUG else []),
    "django.middleware.common.CommonMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "kjreport.accounts.door.DoorMiddleware",
]

ROOT_URLCONF = "kjreport.urls"
WSGI_APPLICATION = "kjreport.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "kjreport.context.site",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                ),
            ],
        },
    },
]

# Where data live ------------------------------------------------------------------------------------------------------

DATABASES = {"default": env.dj_db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'kjreport.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # The default mode lost most contended writes when tried; this lost none.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }
    DATABASES["default"]["CONN_MAX_AGE"] = 600  # seconds; opening the file anew for each request costs more than asking
else:
    # Whoever waits for a server that is away gives up after five seconds. The pool asks again within four, else its
    # waits double, and it would not notice for minutes that the server is back.
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {
        "min_size": 1,
        "max_size": 8,
        "timeout": 5,
        "reconnect_timeout": 4,
    }
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True  # a server that was restarted has left dead connections behind

_REDIS_URL = env.str("REDIS_URL", default="")
CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": _REDIS_URL}
    if _REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}

STORAGES: dict[str, dict[str, Any]] = {
    # Pictures have no address of their own: articles.views.picture asks the wall first.
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
MEDIA_ROOT = VAR_DIR / "media"
MEDIA_URL = "/pictures/"
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# Background work: tasks are rows, a worker does them (`manage.py db_worker`) ------------------------------------------

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# Letters we write -----------------------------------------------------------------------------------------------------

DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="KJ Report <post@kjreport.example>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
STAFF_ALERT_EMAILS: list[str] = env.list("STAFF_ALERT_EMAILS", default=[])
ADMINS = STAFF_ALERT_EMAILS
MAIL_DIR = VAR_DIR / "mail"
MAILERS: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "kjreport.mailroom.LaptopMailer"}
    if DEBUG and not env.str("EMAIL_BACKEND", default="")
    else {
        "BACKEND": env.str("EMAIL_BACKEND", default="") or "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": env.json("EMAIL_OPTIONS", default={}),
    }
}
if MAILERS["default"]["BACKEND"].endswith(".smtp.EmailBackend"):
    # Without an end a mail server that hangs would hold the worker for good. The whole of a conversation must end well
    # within the five minutes after which the sweeper takes a letter for lost and sends it again.
    MAILERS["default"]["OPTIONS"] = {"timeout": 30} | MAILERS["default"]["OPTIONS"]
ANYMAIL = env.json("ANYMAIL", default={})

# Who is at the door ---------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "subscriptions.entitlements.EntitlementBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "account"
LOGOUT_REDIRECT_URL = "front_page"
# In the session, so that a page that greets somebody is told apart from one that any cache may keep.
MESSAGE_STORAGE = "kjreport.accounts.greetings.Greetings"

ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT  # whose X-Forwarded-For counts where tries are counted by address
# Eight digits: a phone offers its number keys, and the limits below leave a guesser far less than one chance in a
# thousand a month.
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 8, "dashed": True}
ACCOUNT_ADAPTER = "kjreport.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_FORMS = {
    "add_email": "kjreport.accounts.forms.ChangeAddressForm",
    "change_password": "kjreport.accounts.forms.ChangePasswordForm",
    "confirm_email_verification_code": "kjreport.accounts.forms.ConfirmAddressForm",
    "confirm_login_code": "kjreport.accounts.forms.ConfirmSignInForm",
    "confirm_password_reset_code": "kjreport.accounts.forms.ConfirmResetForm",
    "login": "kjreport.accounts.forms.SignInForm",
    "reauthenticate": "kjreport.accounts.forms.ProveByPasswordForm",
    "request_login_code": "kjreport.accounts.forms.RequestCodeForm",
    "reset_password": "kjreport.accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "kjreport.accounts.forms.NewPasswordForm",
    "set_password": "kjreport.accounts.forms.SetPasswordForm",
    "signup": "kjreport.accounts.forms.SignUpForm",
}
# Mail takes longer than three minutes often enough; guesses are limited by number, not by time.
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 900
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 900
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True  # the code has proved as much as a sign-in code does
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False  # this session stays, every other one ends
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if _HTTPS else "http"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# Added to allauth's own limits: nobody's letter box is filled by others, however many addresses they come from.
ACCOUNT_RATE_LIMITS = {
    "request_login_code": "20/m/ip,3/m/key,10/h/key",
    "confirm_email": "1/10s/key,10/h/key",
    "reset_password": "20/m/ip,5/m/key,10/h/key",
    "signup": "20/m/ip,60/h/ip",
    "prove_by_code": "3/m/user,10/h/user",
    "take_data": "10/h/user",
}
MFA_ADAPTER = "kjreport.accounts.adapter.MFAAdapter"
MFA_FORMS = {
    "activate_totp": "kjreport.accounts.forms.ActivateAppForm",
    "add_webauthn": "kjreport.accounts.forms.AddPasskeyForm",
    "authenticate": "kjreport.accounts.forms.SecondStepForm",
    "edit_webauthn": "kjreport.accounts.forms.RenamePasskeyForm",
    "reauthenticate": "kjreport.accounts.forms.ProveByAppForm",
}
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
MFA_TOTP_ISSUER = SITE_NAME
MFA_TOTP_TOLERANCE = 1  # half a minute either way: clocks drift

# Reading --------------------------------------------------------------------------------------------------------------

WORDS_PER_MINUTE = 230
ARTICLES_PER_PAGE = 20
RELATED_ARTICLES_SHOWN = 4
FEED_LENGTH = 30

# Payments -------------------------------------------------------------------------------------------------------------

STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", default="")
STRIPE_WEBHOOK_SECRETS: list[str] = env.list("STRIPE_WEBHOOK_SECRETS", default=[])  # two while one is rotated
STRIPE_API_BASE = env.str("STRIPE_API_BASE", default="https://api.stripe.com").rstrip("/")
# Browsers hold a form's redirect to form-action too, and paying begins with a form of ours.
SECURE_CSP["form-action"] += (
    ["https://checkout.stripe.com", "https://billing.stripe.com"]
    if STRIPE_API_BASE == "https://api.stripe.com"
    else [STRIPE_API_BASE]
)
STRIPE_EVENTS = "kjreport.events.HANDLERS"
STRIPE_AUTOMATIC_TAX = env.bool("STRIPE_AUTOMATIC_TAX", default=False)
STRIPE_REQUIRE_TERMS = env.bool("STRIPE_REQUIRE_TERMS", default=False)
STRIPE_SITE = env.str("STRIPE_SITE", default="kjreport")  # tells our objects from others on a shared account
CURRENCY = "gbp"
SUBSCRIPTION_GRACE = timedelta(days=env.int("SUBSCRIPTION_GRACE_DAYS", default=14))
CHECKOUT_LIFETIME = timedelta(minutes=30)
STRIPE_EVENT_PAYLOADS_KEPT = timedelta(days=90)
DONATION_MINIMUM = 300  # pence
DONATION_MAXIMUM = 500_000  # pence

# The API --------------------------------------------------------------------------------------------------------------

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "articles.api.authentication.ReaderTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "articles.api.pagination.ArticlePagination",
    "PAGE_SIZE": 20,
    "DEFAULT_THROTTLE_CLASSES": [
        "articles.api.throttling.StrangerThrottle",
        "articles.api.throttling.ReaderThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {"anon": "120/min", "user": "300/min"},
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "NUM_PROXIES": TRUSTED_PROXY_COUNT,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "KJ Report",
    "DESCRIPTION": "Articles, authors, sections and topics of KJ Report, as the reader who asks may read them.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
}

# Language and time ----------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = False
FORMAT_MODULE_PATH = "kjreport.dates"  # the setting DATE_FORMAT and its like yield to Django's own for en-gb
USE_TZ = True

# What we write down ---------------------------------------------------------------------------------------------------

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {"stripe": {"level": "WARNING"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
