"""The addresses of oauth_svc."""

from django.urls import include, path

from oauth_svc import api, views

urlpatterns = [
    path("", include("abdre.health")),
    path("api/oauth/providers", api.ProviderListView.as_view()),
    path("api/oauth/flows", api.FlowListView.as_view(in_person=True)),
    path("api/oauth/pending", api.PendingView.as_view(in_person=True)),
    path("api/oauth/accounts", api.AccountListView.as_view(in_person=True)),
    path("api/oauth/accounts/<uuid:account_id>", api.AccountView.as_view(in_person=True)),
    path("oauth/<slug:provider_id>/login/", views.start),
    path("oauth/<slug:provider_id>/callback/", views.callback, name="oauth_callback"),
]
handler400 = "abdre.errors.json_bad_request"
handler404 = "abdre.errors.json_not_found"
handler500 = "abdre.errors.json_server_error"
