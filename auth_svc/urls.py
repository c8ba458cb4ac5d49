"""The addresses of auth_svc."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from auth_svc.admin import site
from auth_svc.api import (
    accounts,
    client_errors,
    device_codes,
    digests,
    emails,
    entry,
    exports,
    factors,
    invitations,
    joining,
    keys,
    knocks,
    leaving,
    passkeys,
    passwords,
    recovery_links,
    security,
    sessions,
    tokens,
)

# What governs the account itself: for its person, and not for programs that hold a personal token.
OWN = {"in_person": True}

account_paths = [
    path("api/auth/digest/off", digests.DigestOffView.as_view()),
    path("api/auth/guest", accounts.GuestView.as_view()),
    path("api/auth/register", accounts.RegisterView.as_view(**OWN)),
    path("api/auth/login", accounts.LoginView.as_view(**OWN)),
    path("api/auth/refresh", sessions.RefreshView.as_view()),
    path("api/auth/logout", sessions.LogoutView.as_view()),
    path("api/auth/sessions", sessions.SessionListView.as_view(**OWN)),
    path("api/auth/sessions/<uuid:session_id>", sessions.SessionView.as_view(**OWN)),
    path("api/auth/security", security.SecurityView.as_view(**OWN)),
    path("api/auth/reauthenticate", security.ReauthenticationView.as_view(**OWN)),
    path("api/auth/email", emails.EmailView.as_view(**OWN)),
    path("api/auth/email/resend", emails.ResendView.as_view(**OWN)),
    path("api/auth/email/verify", emails.VerificationView.as_view(**OWN)),
    path("api/auth/email/verify/preview", emails.VerificationPreviewView.as_view()),
    path("api/auth/password", passwords.PasswordView.as_view(**OWN)),
    path("api/auth/password/reset", passwords.ResetView.as_view()),
    path("api/auth/password/reset/confirm", passwords.ResetConfirmationView.as_view()),
    path("api/auth/exports", exports.ExportListView.as_view(**OWN)),
    path("api/auth/exports/<uuid:export_id>/archive", exports.ArchiveView.as_view(**OWN)),
    path("api/auth/account/deactivate", leaving.DeactivationView.as_view(**OWN)),
    path("api/auth/account/delete", leaving.DeletionView.as_view(**OWN)),
    path("api/auth/.well-known/jwks.json", keys.KeysView.as_view()),
]

other_device_paths = [
    path("api/auth/device-codes", device_codes.DeviceCodeListView.as_view()),
    path("api/auth/device-codes/collect", device_codes.CollectView.as_view(**OWN)),
    path("api/auth/device-codes/preview", device_codes.PreviewView.as_view(**OWN)),
    path("api/auth/device-codes/confirm", device_codes.ConfirmView.as_view(**OWN)),
    path("api/auth/device-codes/decline", device_codes.DeclineView.as_view(**OWN)),
    path("api/auth/recovery-links", recovery_links.RecoveryLinkListView.as_view(**OWN)),
    path("api/auth/recovery-links/preview", recovery_links.PreviewView.as_view()),
    path("api/auth/recovery-links/claim", recovery_links.ClaimView.as_view(**OWN)),
]

factor_paths = [
    path("api/auth/login/second-factor", entry.SecondFactorView.as_view(**OWN)),
    path("api/auth/login/passkey/options", entry.PasskeyLoginOptionsView.as_view()),
    path("api/auth/login/passkey", entry.PasskeyLoginView.as_view(**OWN)),
    path("api/auth/register/passkey/options", entry.PasskeyRegisterOptionsView.as_view(**OWN)),
    path("api/auth/register/passkey", entry.PasskeyRegisterView.as_view(**OWN)),
    path("api/auth/totp/options", factors.TotpOptionsView.as_view(**OWN)),
    path("api/auth/totp", factors.TotpView.as_view(**OWN)),
    path("api/auth/recovery-codes", factors.RecoveryCodesView.as_view(**OWN)),
    path("api/auth/passkeys/options", passkeys.PasskeyOptionsView.as_view(**OWN)),
    path("api/auth/passkeys", passkeys.PasskeyListView.as_view(**OWN)),
    path("api/auth/passkeys/<int:passkey_id>", passkeys.PasskeyView.as_view(**OWN)),
]

program_paths = [
    path("api/auth/tokens", tokens.TokenListView.as_view(**OWN)),
    path("api/auth/tokens/exchange", tokens.ExchangeView.as_view()),
    path("api/auth/tokens/<uuid:token_id>", tokens.TokenView.as_view(**OWN)),
    path("api/auth/bots", tokens.BotListView.as_view(**OWN)),
    path("api/auth/bots/<uuid:bot_id>", tokens.BotView.as_view(**OWN)),
    path("api/auth/bots/<uuid:bot_id>/token", tokens.BotTokenView.as_view(**OWN)),
]

INVITATION = "api/auth/invitations/<uuid:invitation_id>"
invitation_paths = [
    path("api/auth/invitations", invitations.InvitationListView.as_view()),
    path("api/auth/invitations/preview", joining.PreviewView.as_view()),
    path("api/auth/invitations/opened", joining.OpenedView.as_view()),
    path("api/auth/invitations/decline", joining.DeclineView.as_view()),
    path("api/auth/invitations/report", joining.ReportView.as_view()),
    path("api/auth/invitations/accept", joining.AcceptView.as_view()),
    path(INVITATION, invitations.InvitationView.as_view()),
    path("api/auth/knocks", knocks.KnockListView.as_view()),
    path(f"{INVITATION}/knock", knocks.OwnKnockView.as_view()),
    path(f"{INVITATION}/approve", knocks.ApproveView.as_view()),
    path(f"{INVITATION}/refuse", knocks.RefuseView.as_view()),
    path(f"{INVITATION}/renew", invitations.RenewView.as_view()),
    path(f"{INVITATION}/link", invitations.LinkView.as_view()),
    path(f"{INVITATION}/qr.svg", invitations.QrSvgView.as_view()),
    path(f"{INVITATION}/qr.png", invitations.QrPngView.as_view()),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("abdre.health")),
    *account_paths,
    *other_device_paths,
    *factor_paths,
    *program_paths,
    *invitation_paths,
    path("api/auth/client-errors", client_errors.ClientErrorView.as_view()),
    path("admin", RedirectView.as_view(url="/admin/")),
    path("admin/", site.urls),
]
handler400 = "abdre.errors.json_bad_request"
handler404 = "abdre.errors.json_not_found"
handler500 = "abdre.errors.json_server_error"
