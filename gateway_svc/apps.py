"""The one door: pages, and the way to every other service."""

from django.apps import AppConfig


class GatewayConfig(AppConfig):
    name = "gateway_svc"
