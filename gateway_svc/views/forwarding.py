"""A message is said again in other chats, which are looked for and ticked."""

from collections.abc import Collection, Sequence
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from gateway_svc.errors import Refused
from gateway_svc.selectors import chats
from gateway_svc.selectors.api import part
from gateway_svc.selectors.forwarding import ForwardPage, targets
from gateway_svc.selectors.messages import message
from gateway_svc.views.chats import WORDS_LONGEST, app_context, client_id_of, problem_of, reader_of
from gateway_svc.views.methods import require_http_methods
from gateway_svc.views.page import SeeOther, api_of, signed_in, together
from gateway_svc.views.rendering import render

LISTED = 50
AT_ONCE = 10  # chats; whoever tells more of them writes an announcement


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def forward(request: HttpRequest, chat_id: UUID, seq: int) -> HttpResponse:
    if request.method != "POST":
        return await _page(request, chat_id, seq)
    chosen = _chosen(request)
    if not 1 <= len(chosen) <= AT_ONCE:
        return await _page(request, chat_id, seq, chosen=chosen, errors=[_("Choose one to ten chats.")])
    client_id = client_id_of(request)
    refusals = dict(
        zip(chosen, await together(*(_forwarded(request, chat_id, seq, to, client_id) for to in chosen)), strict=True)
    )
    refused = {to: problem for to, problem in refusals.items() if problem}
    if refused:
        return await _page(request, chat_id, seq, chosen=refused, errors=list(dict.fromkeys(refused.values())))
    return SeeOther(f"/chats/{chosen[0] if len(chosen) == 1 else chat_id}")


def _chosen(request: HttpRequest) -> list[str]:
    """Each once; what is no id was put there by no form of ours."""
    try:
        return list(dict.fromkeys(str(UUID(to)) for to in request.POST.getlist("to")))
    except ValueError as problem:
        raise Refused(422, "invalid") from problem


async def _forwarded(request: HttpRequest, chat_id: UUID, seq: int, to: str, client_id: str) -> str:
    """Why it was refused, in words; else nothing. One chat's rules are not the others' fault."""
    path = f"/api/chats/{chat_id}/messages/{seq}/forward"
    try:
        await api_of(request).post("chat", path, {"to": to, "client_id": client_id})
    except Refused as refusal:
        if refusal.is_fault or refusal.status == 401:
            raise
        return problem_of(refusal)
    return ""


async def _page(
    request: HttpRequest, chat_id: UUID, seq: int, *, chosen: Collection[str] = (), errors: Sequence[str] = ()
) -> HttpResponse:
    api, words = api_of(request), request.GET.get("find", "").replace("\0", "")[:WORDS_LONGEST]
    path = f"/api/chats/{chat_id}"
    context, detail, history, listed = await together(
        app_context(request, str(chat_id)),
        api.get("chat", path),
        api.get("chat", f"{path}/messages", after=max(0, seq - 1), limit=1),
        part(api.get("chat", "/api/chats", limit=LISTED, q=words or None)),
    )
    item = next((item for item in history["items"] if item["seq"] == seq and not item["deleted_at"]), None)
    if item is None or item["kind"] == "system":
        raise Refused(404, "message_not_found")
    found = chats.chat(detail)
    shown_message = message(item, reader_of(found, context["viewer"], may_write=False), {})
    page = ForwardPage(
        shown_message,
        targets(listed, context["viewer"], chosen),
        # The same again after a refusal: whoever got it already does not get it twice.
        client_id_of(request) if request.method == "POST" else str(uuid4()),
        f"{found.url}?at={seq}",
        words,
        list(errors),
        is_unavailable=listed is None,
    )
    return render(
        request, "chats/forward.html", {**context, "chat": found, "page": page}, status=422 if errors else 200
    )
