"""What is said in a chat, where the operator lets staff read any chat; each opening is noted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from auth_svc.admin.conversation import conversation, file_ids
from auth_svc.admin.deeds.screen import staff_of
from chat_svc.errors import ChatNotFound, NotStaff
from chat_svc.selectors import VARIANTS, chat_summary, files_still_there, signed_for_staff
from chat_svc.selectors.messages import messages_for_staff
from chat_svc.services import moderation

Context = Callable[[HttpRequest], dict[str, Any]]


def paths(context: Context) -> list[URLPattern]:
    """`context`: what every page of the admin shows."""

    def page(request: HttpRequest, chat_id: UUID) -> HttpResponse:
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        _read(request, chat_id)
        return render(request, "admin/chat.html", {**context(request), **_page(chat_id, request.GET.get("before", ""))})

    return [
        path("chats/<uuid:chat_id>/", page, name="chat"),
        path("chats/<uuid:chat_id>/files/<uuid:attachment_id>/", _file, name="chat_file"),
    ]


def to_the_file(request: HttpRequest, chat_id: UUID, attachment_id: UUID) -> HttpResponse:
    """On to where its bytes are, by an address that is signed for this person of the staff."""
    variant = request.GET.get("variant", "file")
    if variant not in VARIANTS:
        raise Http404
    token = signed_for_staff(
        chat_id=chat_id, user_id=staff_of(request).id, attachment_id=attachment_id, variant=variant
    )
    address = f"/api/chats/{chat_id}/attachments/{attachment_id}/file"
    return HttpResponseRedirect(f"{address}?{urlencode({'token': token})}")


def _file(request: HttpRequest, chat_id: UUID, attachment_id: UUID) -> HttpResponse:
    _read(request, chat_id)
    return to_the_file(request, chat_id, attachment_id)


def _read(request: HttpRequest, chat_id: UUID) -> None:
    try:
        moderation.read_chat(by=staff_of(request), chat_id=chat_id)
    except NotStaff as refused:
        raise PermissionDenied from refused
    except ChatNotFound as refused:
        raise Http404 from refused


def _page(chat_id: UUID, before: str) -> dict[str, Any]:
    found = messages_for_staff(chat_id=chat_id, before=int(before) if before.isdecimal() and len(before) < 16 else None)
    items = found["items"]
    here = reverse("admin:chat", args=[chat_id])
    there = files_still_there(chat_id=chat_id, ids=file_ids(items))
    summary = chat_summary(chat_id)
    return {
        "title": (summary and summary["title"]) or _("A chat without a title"),
        "said": conversation(items, files_at=f"{here}files/", still_there=there),
        "earlier_path": f"{here}?before={items[0]['seq']}" if found["has_more"] else "",
        "newest_path": here if before else "",
    }
