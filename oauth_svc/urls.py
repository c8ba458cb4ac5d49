"""The addresses of oauth_svc."""

from django.urls import include, path

from oauth_svc import api, views

urlpatterns = [
    path("", include("abdre.health")),
    path("api/oauth/providers", api.ProviderListView.as_view()),
    path("oauth/login/", views.start),
    # allauth looks the address up by this name.
    path("oauth/<slug:provider_id>/callback/", views.callback, name="openid_connect_callback"),
]
handler400 = "abdre.errors.json_bad_request"
handler404 = "abdre.errors.json_not_found"
handler500 = "abdre.errors.json_server_error"
