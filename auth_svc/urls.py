"""The addresses of auth_svc."""

from django.urls import URLPattern, URLResolver, include, path

from auth_svc.admin import site
from auth_svc.api import accounts, keys, sessions

account_paths = [
    path("api/auth/guest", accounts.GuestView.as_view()),
    path("api/auth/register", accounts.RegisterView.as_view()),
    path("api/auth/login", accounts.LoginView.as_view()),
    path("api/auth/refresh", sessions.RefreshView.as_view()),
    path("api/auth/logout", sessions.LogoutView.as_view()),
    path("api/auth/sessions", sessions.SessionListView.as_view()),
    path("api/auth/sessions/<uuid:session_id>", sessions.SessionView.as_view()),
    path("api/auth/.well-known/jwks.json", keys.KeysView.as_view()),
]

# The invitations' own addresses are listed here.
invitation_paths: list[URLPattern] = []

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("abdre.health")),
    *account_paths,
    *invitation_paths,
    path("admin/", site.urls),
]
handler400 = "abdre.errors.json_bad_request"
handler404 = "abdre.errors.json_not_found"
handler500 = "abdre.errors.json_server_error"
