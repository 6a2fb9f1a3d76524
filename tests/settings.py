"""The site's own settings, with what a test must not reach taken away."""

import os
import tempfile

os.environ.setdefault("DEBUG", "false")
os.environ["SECRET_KEY"] = "only-for-tests-" + "x" * 50
os.environ.setdefault("VAR_DIR", tempfile.mkdtemp(prefix="kjreport-tests-"))
os.environ["STRIPE_SECRET_KEY"] = "sk_test_tests"
os.environ["STRIPE_WEBHOOK_SECRETS"] = "whsec_tests,whsec_tests_older"
os.environ["SITE_URL"] = "http://testserver"
os.environ["ALLOWED_HOSTS"] = "testserver,127.0.0.1,localhost"

from kjreport.settings import *  # noqa: F403
from kjreport.settings import DATABASES, STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}}
STORAGES = STORAGES | {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
if "pool" in DATABASES["default"].get("OPTIONS", {}):
    DATABASES["default"]["OPTIONS"].pop("pool")
