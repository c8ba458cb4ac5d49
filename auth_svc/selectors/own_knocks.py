"""How it stands with one's own knock."""

from datetime import datetime
from typing import Literal, NotRequired, TypedDict
from uuid import UUID

from abdre.wire import Id, Moment, utc
from auth_svc.errors.invitations import KnockUnknown
from auth_svc.models import Invitation, Knock
from auth_svc.models.knocks import KnockState
from auth_svc.selectors.previews import InviterJson, State, chat_entered, state_of
from user_svc.selectors import user_json

Standing = Literal["waiting", "approved", "refused", "ended"]


class OwnKnockJson(TypedDict):
    """`code`: how it stands with the code, which opens nothing after `expires_at`. `chat`: for who was let in."""

    invitation: Id
    state: Standing
    code: State
    expires_at: Moment | None
    inviter: InviterJson
    title: str
    chat: NotRequired[Id]


def own_knock(*, invitation_id: UUID, user_id: UUID) -> OwnKnockJson:
    """Raises KnockUnknown, also for another person's."""
    mine = Knock.objects.filter(invitation_id=invitation_id, user_id=user_id)
    knock = mine.select_related("invitation__created_by", "invitation__chat").first()
    if knock is None:
        raise KnockUnknown
    invitation = knock.invitation
    inviter = user_json(invitation.created_by)
    code = state_of(invitation)
    shown: OwnKnockJson = {
        "invitation": str(invitation.id),
        "state": _standing(knock, code),
        "code": code,
        "expires_at": utc(min(_ends(invitation), default=None)),
        "inviter": {"display_name": inviter["display_name"], "is_guest": inviter["is_guest"]},
        "title": invitation.chat.title if invitation.chat else "",
    }
    entered = chat_entered(invitation, user_id)
    return {**shown, "state": "approved", "chat": str(entered)} if entered else shown


def _ends(invitation: Invitation) -> list[datetime]:
    """When the code ends, and when its chat is erased, which nobody who waits is told of."""
    chat = invitation.chat
    return [end for end in (invitation.expires_at, chat.expires_at if chat else None) if end is not None]


def _standing(knock: Knock, code: State) -> Standing:
    """Nobody is let in by a dead code, whether that was told already or not. Who was let in and has left is out."""
    if knock.state == KnockState.REFUSED:
        return "refused"
    return "waiting" if knock.state == KnockState.WAITING and code == "active" else "ended"
