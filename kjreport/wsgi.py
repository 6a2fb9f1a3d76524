"""The WSGI callable a server runs."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kjreport.settings")
application = get_wsgi_application()
