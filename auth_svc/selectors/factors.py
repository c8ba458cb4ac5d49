"""Questions about second factors: which ones somebody has."""

from dataclasses import dataclass
from typing import TypedDict
from uuid import UUID

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from django.db.models import QuerySet

from abdre.wire import Moment, utc
from auth_svc.errors.factors import Factor
from auth_svc.models import Session

TOTP, CODES, PASSKEY = Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES, Authenticator.Type.WEBAUTHN
FACTORS: dict[str, Factor] = {TOTP: "totp", CODES: "recovery_code", PASSKEY: "passkey"}


@dataclass(frozen=True)
class Held:
    """What somebody holds, counted. `codes_left`: None for who has no recovery codes at all."""

    totp: bool
    passkeys: int
    codes_left: int | None

    @property
    def is_second_step(self) -> bool:
        """Recovery codes stand in for another factor, and are none by themselves."""
        return self.totp or self.passkeys > 0


class PasskeyJson(TypedDict):
    id: int
    name: str
    created_at: Moment
    last_used_at: Moment | None


def held(user_id: UUID, *types: str) -> QuerySet[Authenticator]:
    """What the person holds of these types, the oldest first."""
    found: QuerySet[Authenticator] = Authenticator.objects.filter(user_id=user_id, type__in=types).order_by("id")
    return found


def factors_of(user_id: UUID) -> list[Factor]:
    """By which the person can pass the second step; none where there is no second step."""
    there = set(held(user_id, *FACTORS).values_list("type", flat=True))
    if not there - {CODES}:
        return []  # recovery codes stand in for another factor, and are none by themselves
    return [factor for type_, factor in FACTORS.items() if type_ in there]


def passkeys_of(user_id: UUID) -> list[PasskeyJson]:
    return [passkey_json(passkey) for passkey in held(user_id, PASSKEY)]


def passkey_json(passkey: Authenticator) -> PasskeyJson:
    return {
        "id": passkey.pk,
        "name": passkey.data["name"],
        "created_at": utc(passkey.created_at),
        "last_used_at": utc(passkey.last_used_at) if passkey.last_used_at else None,
    }


def factors_held(user_id: UUID) -> Held:
    rows = list(held(user_id, *FACTORS))
    codes = next((row for row in rows if row.type == CODES), None)
    return Held(
        totp=any(row.type == TOTP for row in rows),
        passkeys=sum(row.type == PASSKEY for row in rows),
        codes_left=app_settings.RECOVERY_CODE_COUNT - codes.data["used_mask"].bit_count() if codes else None,
    )


def has_shown_second_factor(session_id: UUID) -> bool:
    return Session.objects.alive().filter(id=session_id, second_factor_at__isnull=False).exists()
