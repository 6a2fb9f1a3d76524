"""The site's own settings, for programs that a test kills: their clock may run later, and SQLite wait less long."""

import os
from datetime import timedelta

from django.utils import timezone

from kjreport.settings import *  # noqa: F403
from kjreport.settings import DATABASES

_LATER = timedelta(seconds=int(os.environ.get("KJ_LATER", "0")))
_now = timezone.now

if _LATER:
    timezone.now = lambda: _now() + _LATER

if "KJ_SQLITE_WAITS" in os.environ:
    DATABASES["default"]["OPTIONS"]["timeout"] = float(os.environ["KJ_SQLITE_WAITS"])
