"""How others see one: name, picture, status, a word about oneself."""

from django.http import HttpRequest, HttpResponse

from gateway_svc.errors import Refused
from gateway_svc.selectors import people, profiles
from gateway_svc.selectors.api import Json
from gateway_svc.views.methods import require_http_methods, require_POST
from gateway_svc.views.page import SeeOther, api_of, in_app_of, signed_in
from gateway_svc.views.pictures import hand_on
from gateway_svc.views.rendering import render

PATH = "/profile"
ME = "/api/users/me"


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def profile(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return await _profile(request)
    api = api_of(request)
    facts, sent = _facts(request, await api.get("user", ME))
    try:
        await api.patch("user", ME, facts)
    except Refused as refusal:
        if refusal.status != 422:
            raise
        return await _profile(request, sent=sent, refusal=refusal)
    return SeeOther(f"{PATH}?saved=profile")


@require_POST
@signed_in
async def picture(request: HttpRequest) -> HttpResponse:
    if problem := await hand_on(request, "user", f"{ME}/picture"):
        return await _profile(request, picture_error=problem)
    return SeeOther(f"{PATH}?saved={'profile' if 'remove' in request.POST else 'picture'}")


def _facts(request: HttpRequest, me: Json) -> tuple[Json, dict[str, str]]:
    """What the form asks for, and as it stood there. A field that another page's form does not have is left alone."""
    names = ("display_name", "status_emoji", "status_text", "about", "until")
    sent = {name: request.POST[name].replace("\r\n", "\n") for name in names if name in request.POST}
    facts: Json = {name: sent[name] for name in ("display_name", "about") if name in sent}
    emoji, text = sent.get("status_emoji", "").strip(), sent.get("status_text", "").strip()
    if "status_text" in sent:
        until = profiles.end_of_status(sent.get("until", ""), me.get("status"))
        facts["status"] = {"emoji": emoji, "text": text, "until": until} if emoji or text else None
    return facts, sent


async def _profile(
    request: HttpRequest, *, sent: dict[str, str] | None = None, refusal: Refused | None = None, picture_error: str = ""
) -> HttpResponse:
    """`sent` and `refusal`: what was asked for, and why it cannot be had."""
    me = await api_of(request).get("user", ME)
    saved = "" if refusal or picture_error else request.GET.get("saved", "")
    errors = refusal.fields if refusal else {}
    shown = profiles.own_profile(me, sent=sent or {}, errors=errors, saved=saved, picture_error=picture_error)
    context = {"viewer": people.viewer_from(me), "page": shown, "in_app": in_app_of(request)}
    return render(request, "account/profile.html", context, status=422 if refusal or picture_error else 200)
