"""The service for a WSGI server: `livingdrug.care.wsgi:application`."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "livingdrug.care.settings")
application = get_wsgi_application()
