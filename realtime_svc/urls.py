"""Over plain HTTP this role only tells how it is; its subject is in `routing.py`."""

from django.urls import include, path

urlpatterns = [path("", include("abdre.health"))]
