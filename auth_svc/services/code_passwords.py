"""A password on a code: asked before somebody comes in by it, and no gate to be guessed open."""

from uuid import UUID

from django.contrib.auth.hashers import check_password

from abdre.limits import count, forget
from auth_svc.errors.invitations import PasswordRequired, WrongInvitationPassword
from auth_svc.models import Invitation
from auth_svc.selectors.previews import is_inside, state_of

# By one network, and from everywhere; Argon2 is dear, so what is right counts too until it has shown itself right.
PER_CODE_AND_PREFIX = {"limit": 20, "window_s": 300}
PER_CODE = {"limit": 200, "window_s": 900}
NETWORK, EVERYWHERE = "invitation.password", "invitation.password-everywhere"


def require_password(invitation: Invitation, *, viewer_id: UUID | None, password: str, address: str) -> None:
    """Before the deed and outside its transaction: a hash takes long, and others wait for the code's row.

    Raises PasswordRequired, WrongInvitationPassword, TooMany.
    """
    if not invitation.password_hash or is_inside(invitation, viewer_id) or state_of(invitation) != "active":
        return
    if not password:
        raise PasswordRequired
    place = f"{invitation.id}:{address}"
    for name, subject, allowed in ((NETWORK, place, PER_CODE_AND_PREFIX), (EVERYWHERE, str(invitation.id), PER_CODE)):
        quota = count(name, subject, **allowed)
        if quota is not None:
            quota.check()
    if not check_password(password, invitation.password_hash):
        raise WrongInvitationPassword
    forget(NETWORK, place)
    forget(EVERYWHERE, str(invitation.id))
