"""What happens to people; each use case is one transaction."""

from user_svc.services.accounts import (
    create_bot,
    create_guest,
    create_member,
    create_members_in_bulk,
    delete_hook_bots,
    hashed_password,
    prepare_member,
    rename,
    replace_password,
    save_member,
    set_email,
)
from user_svc.services.blocks import block, hand_over_blocks, unblock
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
from user_svc.services.pictures import folder_of, remove_picture, set_picture
from user_svc.services.preferences import PreferenceFacts, change_preferences, claim_digest, give_back_digest
from user_svc.services.profiles import PrivacyFacts, ProfileFacts, change_privacy, change_profile
from user_svc.services.push import ask_for_test_push, forget_push_of, push, push_words, subscribe, unsubscribe
from user_svc.services.standing import LAST_SEEN_EVERY, ban, lock_people, lock_person, make_administrator, seen

__all__ = [
    "LAST_SEEN_EVERY",
    "PreferenceFacts",
    "PrivacyFacts",
    "ProfileFacts",
    "anonymise",
    "ask_for_deletion",
    "ask_for_test_push",
    "ban",
    "begin_deletion",
    "block",
    "change_preferences",
    "change_privacy",
    "change_profile",
    "checked_display_name",
    "checked_username",
    "claim_digest",
    "come_back",
    "create_bot",
    "create_guest",
    "create_member",
    "create_members_in_bulk",
    "deactivate",
    "delete_hook_bots",
    "end_deletion",
    "folder_of",
    "forget_push_of",
    "give_back_digest",
    "hand_over_blocks",
    "hashed_password",
    "keep_account",
    "lock_people",
    "lock_person",
    "make_administrator",
    "prepare_member",
    "push",
    "push_words",
    "remove_picture",
    "rename",
    "replace_password",
    "save_member",
    "seen",
    "set_email",
    "set_picture",
    "subscribe",
    "unblock",
    "unsubscribe",
]
