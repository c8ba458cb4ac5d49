"""Addresses of the user role."""

from django.urls import include, path

from user_svc.api import blocks, me, notices, people, push

urlpatterns = [
    path("", include("abdre.health")),
    path("api/users", people.SearchView.as_view()),
    path("api/users/me", me.MeView.as_view()),
    path("api/users/me/picture", me.MyPictureView.as_view()),
    path("api/users/me/privacy", me.PrivacyView.as_view()),
    path("api/users/me/preferences", me.PreferencesView.as_view()),
    path("api/users/me/notices", notices.NoticesView.as_view()),
    path("api/users/me/notices/<int:notice_id>/seen", notices.NoticeSeenView.as_view()),
    path("api/users/push-key", push.PushKeyView.as_view()),
    path("api/users/me/push-subscriptions", push.PushSubscriptionsView.as_view()),
    path("api/users/me/push-subscriptions/test", push.TestPushView.as_view()),
    path("api/users/blocks", blocks.BlocksView.as_view()),
    path("api/users/blocks/<uuid:user_id>", blocks.BlockView.as_view()),
    path("api/users/presence", people.PresenceView.as_view()),
    path("api/users/<uuid:user_id>", people.UserView.as_view()),
    path("api/users/<uuid:user_id>/picture", people.PictureView.as_view()),
]
handler400 = "abdre.errors.json_bad_request"
handler404 = "abdre.errors.json_not_found"
handler500 = "abdre.errors.json_server_error"
