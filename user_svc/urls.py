"""Addresses of the user role."""

from django.urls import include, path

from user_svc import api

urlpatterns = [
    path("", include("abdre.health")),
    path("api/users", api.SearchView.as_view()),
    path("api/users/me", api.MeView.as_view()),
    path("api/users/presence", api.PresenceView.as_view()),
    path("api/users/<uuid:user_id>", api.UserView.as_view()),
]
handler400 = "abdre.errors.json_bad_request"
handler404 = "abdre.errors.json_not_found"
handler500 = "abdre.errors.json_server_error"
