"""What happens to every request and answer on the way."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.deprecation import MiddlewareMixin

from huoshui.kernel.errors import HuoshuiError
from huoshui.web import errors

PACKED = ("text/", "application/json", "application/problem+json", "application/javascript", "image/svg+xml")


class PackText(GZipMiddleware):
    """Packs texts. Fonts and pictures are packed already; the libraries under vendor/ have packed files beside them."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not response.get("Content-Type", "").startswith(PACKED):
            return response
        return super().process_response(request, response)


class SayRefusals(MiddlewareMixin):
    """Turns a refusal that a view did not handle into a page that says it."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page of the refusal; other exceptions go on to become a 500."""
        return errors.refusal(request, exception) if isinstance(exception, HuoshuiError) else None

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Gives an answer that is only a status (405 of a view's decorator) its sentence."""
        if response.streaming or response.status_code not in errors.SENTENCES:
            return response
        if getattr(response, "content", b""):
            return response
        said = errors.page(request, response.status_code)
        for name in ("Allow", "Retry-After"):
            if name in response:
                said[name] = response[name]
        return said
