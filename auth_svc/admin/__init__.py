"""The Django admin at /admin/: who may enter, and the rows to look at."""

from auth_svc.admin import rows
from auth_svc.admin.site import Site

site = Site()
rows.register_on(site)

__all__ = ["site"]
