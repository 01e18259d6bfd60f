"""The ASGI application that the server runs."""

import os
from typing import Any, cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashtam.settings")

from django.core.asgi import get_asgi_application  # after the settings are named

pages = get_asgi_application()

from dashtam.http_server.application import ServerApplication  # needs Django's registry of apps
from dashtam.http_server.handler import ApiApplication, Router

application: Any = ServerApplication(Router(pages=cast("Any", pages), api=ApiApplication()))
