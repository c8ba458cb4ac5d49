"""Sockets: one hub per process, no tables."""

from django.apps import AppConfig


class RealtimeConfig(AppConfig):
    name = "realtime_svc"
