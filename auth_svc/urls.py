"""The paths of auth_svc."""

from django.urls import URLPattern, URLResolver

session_paths: list[URLPattern] = []

# The invitations' own paths are listed here.
invitation_paths: list[URLPattern] = []

urlpatterns: list[URLPattern | URLResolver] = [*session_paths, *invitation_paths]
