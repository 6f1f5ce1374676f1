"""The WSGI application that a server starts."""

import os
import signal

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huoshui.project.settings")

_django = get_wsgi_application()

from django.conf import settings  # noqa: E402 there are settings only now

from huoshui.project.serving import lifeline, proxies, warming  # noqa: E402

application = proxies.BehindProxies(_django, proxies.networks(settings.HUOSHUI_PROXIES))

if lifeline.is_supervised():
    # In the processes of `huoshui serve`; other servers of this application see to their processes themselves.
    lifeline.end_with_parent(signal.SIGKILL)
    warming.begin()
