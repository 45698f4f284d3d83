"""The service for a WSGI server: `livingdrug.care.wsgi:application`."""

from __future__ import annotations

import os
import sys

from django.core.wsgi import get_wsgi_application

SWITCH = 0.0005
"""Seconds for which a thread keeps the interpreter from another that has an answer of the database. Python's own are ten times
as many, which the thread that holds the log would wait for at each of its messages: benchmarks/record.py says what it costs."""

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "livingdrug.care.settings")
sys.setswitchinterval(SWITCH)
application = get_wsgi_application()
