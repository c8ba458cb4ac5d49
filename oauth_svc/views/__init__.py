"""Third-party login as browsers see it: out to the provider, and back."""

from oauth_svc.views.flow import callback, start

__all__ = ["callback", "start"]
