"""Over plain HTTP this role only tells how it is; its subject is in `routing.py`."""

from django.urls import include, path

urlpatterns = [path("", include("abdre.health"))]
handler400 = "abdre.errors.json_bad_request"
handler404 = "abdre.errors.json_not_found"
handler500 = "abdre.errors.json_server_error"
