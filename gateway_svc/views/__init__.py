"""Pages, made from the services' own APIs; Django's own refusals, as pages."""

from gateway_svc.views.errors import bad_request, csrf_failure, forbidden, not_found, refused, server_error

__all__ = ["bad_request", "csrf_failure", "forbidden", "not_found", "refused", "server_error"]
