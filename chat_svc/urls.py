"""Addresses of the chat role."""

from django.urls import include, path

from chat_svc.api import (
    attachments,
    chats,
    discovering,
    drafts,
    exports,
    hooks,
    members,
    messages,
    pins,
    preferences,
    reading,
    reminders,
    reports,
    scheduled,
    search,
    traces,
)

CHAT = "api/chats/<uuid:chat_id>"
ATTACHMENT = f"{CHAT}/attachments/<uuid:attachment_id>"

urlpatterns = [
    path("", include("abdre.health")),
    path("api/chats", chats.ChatsView.as_view()),
    path("api/chats/public", discovering.PublicChatsView.as_view()),
    path("api/chats/search", search.SearchView.as_view()),
    path("api/chats/scheduled", scheduled.AllScheduledView.as_view()),
    path("api/chats/reminders", reminders.RemindersView.as_view()),
    path("api/chats/reminders/<uuid:reminder_id>", reminders.ReminderView.as_view()),
    path("api/chats/reports", reports.ReportsView.as_view()),
    path(CHAT, chats.ChatView.as_view()),
    path(f"{CHAT}/mine", preferences.MineView.as_view()),
    path(f"{CHAT}/members", members.MembersView.as_view()),
    path(f"{CHAT}/members/<uuid:user_id>", members.MemberView.as_view()),
    path(f"{CHAT}/banned", members.BannedView.as_view()),
    path(f"{CHAT}/banned/<uuid:user_id>", members.BanView.as_view()),
    path(f"{CHAT}/transfer", members.TransferView.as_view()),
    path(f"{CHAT}/join", discovering.JoinView.as_view()),
    path(f"{CHAT}/messages", messages.MessagesView.as_view()),
    path(f"{CHAT}/messages/at", messages.MessageAtView.as_view()),
    path(f"{CHAT}/messages/<int:seq>", messages.MessageView.as_view()),
    path(f"{CHAT}/messages/<int:seq>/edits", traces.EditsView.as_view()),
    path(f"{CHAT}/messages/<int:seq>/reactions", traces.ReactionsView.as_view()),
    path(f"{CHAT}/messages/<int:seq>/reactions/<str:emoji>", traces.ReactionView.as_view()),
    path(f"{CHAT}/messages/<int:seq>/reminder", reminders.RemindView.as_view()),
    path(f"{CHAT}/messages/<int:seq>/report", reports.MessageReportView.as_view()),
    path(f"{CHAT}/draft", drafts.DraftView.as_view()),
    path(f"{CHAT}/scheduled", scheduled.ScheduledView.as_view()),
    path(f"{CHAT}/scheduled/<uuid:scheduled_id>", scheduled.OneScheduledView.as_view()),
    path(f"{CHAT}/scheduled/<uuid:scheduled_id>/send", scheduled.SendNowView.as_view()),
    path(f"{CHAT}/attachments", attachments.AttachmentsView.as_view()),
    path(ATTACHMENT, attachments.AttachmentView.as_view()),
    path(f"{ATTACHMENT}/content", attachments.ContentView.as_view()),
    path(f"{ATTACHMENT}/file", attachments.FileView.as_view()),
    path(f"{CHAT}/messages/<int:seq>/pin", pins.PinView.as_view()),
    path(f"{CHAT}/pins", pins.PinsView.as_view()),
    path(f"{CHAT}/changes", messages.ChangesView.as_view()),
    path(f"{CHAT}/exports", exports.ChatExportsView.as_view()),
    path(f"{CHAT}/exports/<uuid:export_id>/archive", exports.ChatExportFileView.as_view()),
    path(f"{CHAT}/incoming-hooks", hooks.IncomingHooksView.as_view()),
    path(f"{CHAT}/incoming-hooks/<uuid:hook_id>", hooks.IncomingHookView.as_view()),
    path(f"{CHAT}/incoming-hooks/<uuid:hook_id>/secret", hooks.HookTokenView.as_view()),
    path(f"{CHAT}/outgoing-hooks", hooks.OutgoingHooksView.as_view()),
    path(f"{CHAT}/outgoing-hooks/<uuid:hook_id>", hooks.OutgoingHookView.as_view()),
    path(f"{CHAT}/outgoing-hooks/<uuid:hook_id>/secret", hooks.HookSecretView.as_view()),
    path(f"{CHAT}/outgoing-hooks/<uuid:hook_id>/on", hooks.HookOnView.as_view()),
    path("api/chats/hooks/<str:token>", hooks.HookPostView.as_view()),
    path(f"{CHAT}/read", reading.ReadView.as_view()),
    path(f"{CHAT}/unread", reading.UnreadView.as_view()),
    path(f"{CHAT}/clear", reading.ClearView.as_view()),
]
handler400 = "abdre.errors.json_bad_request"
handler404 = "abdre.errors.json_not_found"
handler500 = "abdre.errors.json_server_error"
