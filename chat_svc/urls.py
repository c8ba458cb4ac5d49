"""Addresses of the chat role."""

from django.urls import include, path

from chat_svc import api

CHAT = "api/chats/<uuid:chat_id>"

urlpatterns = [
    path("", include("abdre.health")),
    path("api/chats", api.ChatsView.as_view()),
    path(CHAT, api.ChatView.as_view()),
    path(f"{CHAT}/members", api.MembersView.as_view()),
    path(f"{CHAT}/members/<uuid:user_id>", api.MemberView.as_view()),
    path(f"{CHAT}/messages", api.MessagesView.as_view()),
    path(f"{CHAT}/messages/<int:seq>", api.MessageView.as_view()),
    path(f"{CHAT}/changes", api.ChangesView.as_view()),
    path(f"{CHAT}/read", api.ReadView.as_view()),
]
handler400 = "abdre.errors.json_bad_request"
handler404 = "abdre.errors.json_not_found"
handler500 = "abdre.errors.json_server_error"
