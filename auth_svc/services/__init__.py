"""Use cases of auth_svc, by subject: sessions, accounts, other devices, invitations, errors in browsers."""

from auth_svc.services.accounts import (
    ban,
    be_guest,
    bring_along,
    create_administrator,
    reauthenticate,
    register,
    sign_in,
)
from auth_svc.services.claims import accept_as_guest, accept_as_person
from auth_svc.services.client_errors import forget_client_errors
from auth_svc.services.devices import (
    collect_device_code,
    confirm_device_code,
    create_device_code,
    decline_device_code,
    forget_device_codes,
    scanned_code,
)
from auth_svc.services.invitations import (
    create_invitation,
    expire_invitations,
    hand_over_invitations,
    renew_invitation,
    revoke_and_evict,
    revoke_invitation,
)
from auth_svc.services.recovery import (
    create_recovery_link,
    forget_recovery_links,
    living_recovery_link,
    recover,
)
from auth_svc.services.sessions import (
    Tokens,
    end_session,
    end_sessions,
    forget_old_sessions,
    is_welcome,
    note_authentication,
    open_session,
    renew,
    require_recent,
    rotate,
    sign_out,
)

__all__ = [
    "Tokens",
    "accept_as_guest",
    "accept_as_person",
    "ban",
    "be_guest",
    "bring_along",
    "collect_device_code",
    "confirm_device_code",
    "create_administrator",
    "create_device_code",
    "create_invitation",
    "create_recovery_link",
    "decline_device_code",
    "end_session",
    "end_sessions",
    "expire_invitations",
    "forget_client_errors",
    "forget_device_codes",
    "forget_old_sessions",
    "forget_recovery_links",
    "hand_over_invitations",
    "is_welcome",
    "living_recovery_link",
    "note_authentication",
    "open_session",
    "reauthenticate",
    "recover",
    "register",
    "renew",
    "renew_invitation",
    "require_recent",
    "revoke_and_evict",
    "revoke_invitation",
    "rotate",
    "scanned_code",
    "sign_in",
    "sign_out",
]
