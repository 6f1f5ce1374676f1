"""The addresses of the house: those that the rooms declare, and the pages of errors."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from huoshui.kernel.plugs import PAGES
from huoshui.project.serving import health

urlpatterns: list[URLPattern | URLResolver] = [path("healthz", health.show, name="healthz")]
urlpatterns += [path(pages.prefix, include(pages.urls)) for pages in PAGES]

handler400 = "huoshui.web.errors.bad_request"
handler403 = "huoshui.web.errors.refused"
handler404 = "huoshui.web.errors.not_found"
handler500 = "huoshui.web.errors.broken"
