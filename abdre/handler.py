"""Django behind the door, which hears from it by which route a request was answered."""

from typing import Any

from django.core.handlers.asgi import ASGIHandler
from django.urls import ResolverMatch

from abdre.seen import note_route


class Handler(ASGIHandler):
    def resolve_request(self, request: Any) -> ResolverMatch:
        match: ResolverMatch = super().resolve_request(request)
        note_route(f"/{match.route}")
        return match
