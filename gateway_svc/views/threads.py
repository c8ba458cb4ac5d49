"""A thread on a page of its own, with a composer that replies in it."""

from dataclasses import replace
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from gateway_svc.errors import Refused
from gateway_svc.selectors import chats
from gateway_svc.selectors.messages import PAGE_SIZE, thread_timeline, thread_url
from gateway_svc.views.chats import (
    COMPOSER_SAYS,
    Composer,
    app_context,
    client_id_of,
    number,
    posted_text,
    problem_of,
    reader_of,
)
from gateway_svc.views.methods import require_http_methods
from gateway_svc.views.page import SeeOther, api_of, signed_in, together
from gateway_svc.views.rendering import render


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def thread(request: HttpRequest, chat_id: UUID, seq: int) -> HttpResponse:
    if request.method != "POST":
        return await _thread(request, chat_id, seq)
    body = posted_text(request, "body")
    sent = {"client_id": client_id_of(request), "body": body, "thread": seq}
    try:
        await api_of(request).post("chat", f"/api/chats/{chat_id}/messages", sent)
    except Refused as refusal:
        if refusal.status not in COMPOSER_SAYS:
            raise
        return await _thread(request, chat_id, seq, body=body, error=problem_of(refusal))
    return SeeOther(request.path)


async def _thread(request: HttpRequest, chat_id: UUID, seq: int, *, body: str = "", error: str = "") -> HttpResponse:
    before = number(request.GET.get("before"))
    asked = chats.chat_with(api_of(request), str(chat_id), f"messages/{seq}/thread", limit=PAGE_SIZE, before=before)
    context, (detail, answer) = await together(app_context(request, str(chat_id)), asked)
    found = chats.chat(detail)
    url = thread_url(found.url, seq)
    # Nothing is new here to be jumped to: reading a thread moves no mark.
    reader = replace(reader_of(found, context["viewer"]), unread_seq=0)
    is_deleted = answer is not None and answer["root"]["deleted_at"] is not None
    composer = Composer(
        url, _("Reply"), str(uuid4()), body,
        error=error, has_focus=bool(error), is_hidden=is_deleted or not found.may_write,
    )  # fmt: skip
    timeline = thread_timeline(answer, reader, url, before=before)
    shown = {
        **context,
        "chat": found,
        "timeline": timeline,
        "composer": composer,
        "seq": seq,
        "back_url": f"{found.url}?at={seq}",
        "is_deleted": is_deleted,
    }
    return render(request, "chats/thread.html", shown, status=422 if error else 200)
