"""Passkeys: added, named, removed."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from gateway_svc.errors import Refused
from gateway_svc.selectors import people
from gateway_svc.selectors.factors import NEW_PASSKEY, PASSKEY_NAME, Passkey, PasskeyButton, passkey
from gateway_svc.selectors.forms import Form, form
from gateway_svc.views.methods import require_http_methods, require_POST
from gateway_svc.views.page import SeeOther, api_of, me, signed_in, together
from gateway_svc.views.rendering import render
from gateway_svc.views.second_step import passkey_answer_in
from gateway_svc.views.two_step import codes_or_on, reason_of, way_on

HERE = "/security/passkeys"
PASSKEYS = "/api/auth/passkeys"


@dataclass(frozen=True)
class PasskeysPage:
    passkeys: list[Passkey]
    form: Form
    button: PasskeyButton
    reason: str


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def passkeys(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return await _passkeys(request)
    name = request.POST.get("name", "").strip() or _("Passkey")
    try:
        answer = await api_of(request).post("auth", PASSKEYS, {"name": name, **passkey_answer_in(request)})
    except Refused as refusal:
        if refusal.status != 422:
            raise
        return await _passkeys(request, refusal)
    return await codes_or_on(request, answer, HERE)


@require_POST
@signed_in
async def rename_passkey(request: HttpRequest, passkey_id: int) -> HttpResponse:
    if name := request.POST.get("name", "").strip():
        await api_of(request).patch("auth", f"{PASSKEYS}/{passkey_id}", {"name": name})
    return SeeOther(HERE)


@require_POST
@signed_in
async def remove_passkey(request: HttpRequest, passkey_id: int) -> HttpResponse:
    try:
        await api_of(request).delete("auth", f"{PASSKEYS}/{passkey_id}")
    except Refused as refusal:
        if refusal.code == "last_way_in":
            return await _passkeys(request, refusal)
        if refusal.status != 404:  # removed meanwhile: that is what was wanted
            raise
    return SeeOther(HERE)


async def _passkeys(request: HttpRequest, refusal: Refused | None = None) -> HttpResponse:
    """`refusal`: why none was added or removed."""
    api = api_of(request)
    viewer, answer = await together(people.known_viewer(api, me(request)), api.get("auth", PASSKEYS))
    action = f"{HERE}?{urlencode({'next': way_on(request, HERE)})}"
    errors = {name: texts for name, texts in (refusal.fields if refusal else {}).items() if name == "name"}
    shown = PasskeysPage(
        passkeys=[passkey(item) for item in answer["items"]],
        form=form(action, [PASSKEY_NAME], request.POST, errors, refusal.text if refusal and not errors else ""),
        button=NEW_PASSKEY,
        reason=reason_of(request),
    )
    status = refusal.status if refusal else 200
    return render(request, "account/passkeys.html", {"viewer": viewer, "page": shown}, status=status)
