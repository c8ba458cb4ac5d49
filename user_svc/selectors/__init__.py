"""Questions about people."""

from user_svc.events import StatusJson, UserJson, user_card, user_json
from user_svc.models import name_key
from user_svc.selectors.blocks import apart, blocked_by, has_blocked, is_block_between, parted_from
from user_svc.selectors.bots import bot_by_id, bots_of, may_be_added
from user_svc.selectors.cards import (
    MeJson,
    PrivacyJson,
    ProfileJson,
    me_json,
    own_profile,
    privacy_json,
    profile_json,
)
from user_svc.selectors.leaving import DELETED_NAME, DELETION_TAKES, due_for_deletion, guests_unseen_since
from user_svc.selectors.names import is_ignorable, look_of
from user_svc.selectors.notices import notices_of
from user_svc.selectors.people import (
    ADMINISTRATORS,
    MODERATORS,
    administrators,
    anybody_is_there,
    banned_among,
    called,
    guest_by_id,
    login_key,
    people_with_email,
    user_by_id,
    user_by_login,
    users_by_id,
)
from user_svc.selectors.preferences import UserPreferencesJson, language_of, preferences_json, preferences_of
from user_svc.selectors.presence import PresenceJson, hiding_presence, hiding_receipts, presence_of
from user_svc.selectors.push import (
    PushSubscriptionJson,
    digest_readers,
    is_quiet,
    push_subscription_json,
    push_subscriptions,
    pushed_to,
    with_push,
)
from user_svc.selectors.visibility import (
    SEARCH_LIMIT,
    check_may_begin_chat,
    check_not_apart,
    peers,
    search,
    visible_user,
)

__all__ = [
    "ADMINISTRATORS",
    "DELETED_NAME",
    "DELETION_TAKES",
    "MODERATORS",
    "SEARCH_LIMIT",
    "MeJson",
    "PresenceJson",
    "PrivacyJson",
    "ProfileJson",
    "PushSubscriptionJson",
    "StatusJson",
    "UserJson",
    "UserPreferencesJson",
    "administrators",
    "anybody_is_there",
    "apart",
    "banned_among",
    "blocked_by",
    "bot_by_id",
    "bots_of",
    "called",
    "check_may_begin_chat",
    "check_not_apart",
    "digest_readers",
    "due_for_deletion",
    "guest_by_id",
    "guests_unseen_since",
    "has_blocked",
    "hiding_presence",
    "hiding_receipts",
    "is_block_between",
    "is_ignorable",
    "is_quiet",
    "language_of",
    "login_key",
    "look_of",
    "may_be_added",
    "me_json",
    "name_key",
    "notices_of",
    "own_profile",
    "parted_from",
    "peers",
    "people_with_email",
    "preferences_json",
    "preferences_of",
    "presence_of",
    "privacy_json",
    "profile_json",
    "push_subscription_json",
    "push_subscriptions",
    "pushed_to",
    "search",
    "user_by_id",
    "user_by_login",
    "user_card",
    "user_json",
    "users_by_id",
    "visible_user",
    "with_push",
]
