"""Between allauth, which speaks with the providers, and our own accounts and sessions."""

from oauth_svc.providers.adapter import Arrived, SocialAdapter, Stopped, begin, finish

__all__ = ["Arrived", "SocialAdapter", "Stopped", "begin", "finish"]
