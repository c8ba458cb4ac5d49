"""Questions about people."""

from user_svc.models import name_key
from user_svc.selectors.cards import MeJson, UserJson, me_json, own_profile, user_json
from user_svc.selectors.leaving import DELETED_NAME, DELETION_TAKES, due_for_deletion, guests_unseen_since
from user_svc.selectors.names import is_ignorable, look_of
from user_svc.selectors.people import (
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
from user_svc.selectors.visibility import SEARCH_LIMIT, PresenceJson, peers, presence_of, search, visible_user

__all__ = [
    "DELETED_NAME",
    "DELETION_TAKES",
    "SEARCH_LIMIT",
    "MeJson",
    "PresenceJson",
    "UserJson",
    "anybody_is_there",
    "banned_among",
    "called",
    "due_for_deletion",
    "guest_by_id",
    "guests_unseen_since",
    "is_ignorable",
    "login_key",
    "look_of",
    "me_json",
    "name_key",
    "own_profile",
    "peers",
    "people_with_email",
    "presence_of",
    "search",
    "user_by_id",
    "user_by_login",
    "user_json",
    "users_by_id",
    "visible_user",
]
