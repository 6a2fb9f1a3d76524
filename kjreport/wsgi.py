"""The WSGI callable a server runs. Outside DEBUG it refuses to start on unsafe settings."""

import os

from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kjreport.settings")
application = get_wsgi_application()
if not settings.DEBUG:
    # Servers do not run Django's checks by themselves; what E010 and its neighbours forbid must not meet a reader.
    call_command("check", deploy=True, fail_level="ERROR")
