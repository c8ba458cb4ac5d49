"""Addresses of the pages, and of the API's documents."""

from django.urls import include, path
from django.views.generic import RedirectView

from gateway_svc.views import (
    account,
    chats,
    devices,
    docs,
    emails,
    invitations,
    join,
    linked,
    members,
    offline,
    passwords,
    profile,
    recovery,
    security,
    start,
    status,
)

CHAT = "chats/<uuid:chat_id>"
MESSAGE = f"{CHAT}/messages/<int:seq>"
INVITATION = f"{CHAT}/invitations/<uuid:invitation_id>"

urlpatterns = [
    path("", include("abdre.health")),
    path("", start.landing),
    path("start", start.start),
    path("login", account.login),
    path("login/device", devices.device_login),
    path("device/<str:token>", devices.device),
    path("recover/<str:token>", recovery.recover),
    path("register", account.register),
    path("logout", account.logout),
    path("profile", profile.profile),
    path("security", security.security),
    path("security/another-device", devices.another_device),
    path("security/recovery-link", recovery.recovery_link),
    path("security/email", emails.email),
    path("security/email/resend", emails.resend),
    path("security/email/give-up", emails.give_up),
    path("security/password", passwords.password),
    path("verify/<str:key>", emails.verify),
    path("forgot", passwords.forgot),
    path("reset/<str:key>", passwords.reset),
    path("reauthenticate", security.reauthenticate),
    path("reauthenticate/elsewhere", security.reauthenticate_elsewhere),
    path("security/linked", linked.linked),
    path("security/linked/add", linked.add),
    path("security/linked/confirm", linked.confirm),
    path("security/linked/<uuid:account_id>/unlink", linked.unlink),
    path("sessions", account.sessions),
    path("sessions/end-others", account.end_other_sessions),
    path("sessions/<uuid:session_id>/end", account.end_session),
    path("chats", chats.chat_list),
    path(CHAT, chats.chat),
    path(f"{CHAT}/messages", chats.post_message),
    path(f"{CHAT}/read", chats.mark_read),
    path(f"{MESSAGE}/reply", chats.reply),
    path(f"{MESSAGE}/edit", chats.edit),
    path(f"{MESSAGE}/delete", chats.delete),
    path(f"{CHAT}/members", members.members),
    path(f"{CHAT}/members/<uuid:user_id>", members.change),
    path(f"{CHAT}/title", members.rename),
    path(f"{CHAT}/leave", members.leave),
    path(f"{CHAT}/close", members.close),
    path(f"{CHAT}/invitations", invitations.invitations),
    path(INVITATION, invitations.invitation),
    path(f"{INVITATION}/revoke", invitations.revoke),
    path(f"{INVITATION}/evict", invitations.evict),
    path(f"{INVITATION}/renew", invitations.renew),
    path("join/<str:token>", join.join),
    path("status", status.status),
    path("offline", offline.offline),
    path("service-worker.js", offline.service_worker),
    path("api/docs", RedirectView.as_view(url="/api/docs/")),
    path("api/docs/", docs.docs),
    path("api/schema/", docs.schema),
    path("api/schema/socket/", docs.socket_schema),
]
handler400 = "gateway_svc.views.bad_request"
handler403 = "gateway_svc.views.forbidden"
handler404 = "gateway_svc.views.not_found"
handler500 = "gateway_svc.views.server_error"
