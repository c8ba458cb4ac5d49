"""Which methods an address takes. As Django's own, but whoever comes by another one gets a page with a way on."""

from collections.abc import Callable, Sequence
from functools import wraps

from django.http import HttpRequest, HttpResponse

from gateway_svc.views.errors import error_page
from gateway_svc.views.page import P, View


def require_http_methods(methods: Sequence[str]) -> Callable[[View[P]], View[P]]:
    def decorator(view: View[P]) -> View[P]:
        @wraps(view)
        async def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.method in methods:
                return await view(request, *args, **kwargs)
            response = error_page(request, 405)
            response["Allow"] = ", ".join(methods)
            return response

        return wrapped

    return decorator


def require_POST(view: View[P]) -> View[P]:
    return require_http_methods(["POST"])(view)


def require_safe(view: View[P]) -> View[P]:
    return require_http_methods(["GET", "HEAD"])(view)
