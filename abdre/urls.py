"""The all-in-one's addresses: every service's own, side by side."""

from django.urls import include, path

urlpatterns = [
    path("", include("auth_svc.urls")),
    path("", include("user_svc.urls")),
    path("", include("oauth_svc.urls")),
    path("", include("chat_svc.urls")),
    path("", include("realtime_svc.urls")),
    path("", include("gateway_svc.urls")),
]
handler400 = "gateway_svc.views.bad_request"
handler403 = "gateway_svc.views.forbidden"
handler404 = "gateway_svc.views.not_found"
handler500 = "gateway_svc.views.server_error"
