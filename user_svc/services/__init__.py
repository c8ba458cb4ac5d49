"""What happens to people; each use case is one transaction."""

from user_svc.services.accounts import (
    create_guest,
    create_member,
    create_members_in_bulk,
    hashed_password,
    prepare_member,
    rename,
    replace_password,
    save_member,
    set_email,
)
from user_svc.services.leaving import (
    anonymise,
    ask_for_deletion,
    begin_deletion,
    come_back,
    deactivate,
    end_deletion,
    keep_account,
)
from user_svc.services.names import checked_display_name, checked_username
from user_svc.services.standing import LAST_SEEN_EVERY, ban, lock_person, make_administrator, seen

__all__ = [
    "LAST_SEEN_EVERY",
    "anonymise",
    "ask_for_deletion",
    "ban",
    "begin_deletion",
    "checked_display_name",
    "checked_username",
    "come_back",
    "create_guest",
    "create_member",
    "create_members_in_bulk",
    "deactivate",
    "end_deletion",
    "hashed_password",
    "keep_account",
    "lock_person",
    "make_administrator",
    "prepare_member",
    "rename",
    "replace_password",
    "save_member",
    "seen",
    "set_email",
]
