"""Lists of chats and members, and who may invite."""

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any, TypedDict
from uuid import UUID

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from abdre.wire import Moment, utc
from chat_svc.errors import ChatNotFound, NotAllowed, NotAMember
from chat_svc.events import (
    DraftJson,
    MembershipJson,
    MessageJson,
    PreferencesJson,
    SummaryJson,
    draft_json,
    membership_json,
    message_json,
    preferences_json,
    summary_json,
)
from chat_svc.models import Chat, Draft, Kind, Membership, Message, Role, State
from chat_svc.models.chats import pair_key
from chat_svc.rights import TABLE, Action, require
from chat_svc.selectors.listing import ORDER, Filter, after, cursor_of, fitting, named
from chat_svc.selectors.places import member_counts, places_of
from chat_svc.selectors.readable import readable_from
from chat_svc.selectors.unread import unread_of
from user_svc.selectors import UserJson, hiding_receipts, look_of, user_json


class ChatItem(SummaryJson, PreferencesJson):
    """A chat as one of its members sees it; a direct one is called by the other person's name.

    `partner`: that other person; null in chats of other kinds. `draft`: what the person has begun to write.
    `silenced_until`: until when they may not write here, by a deed of moderators.
    """

    role: Annotated[str, Role]
    unread: int
    mentions: int  # of the unread, those that call the person
    read_seq: int
    last_message: MessageJson | None
    partner: UserJson | None
    draft: DraftJson | None
    silenced_until: Moment | None


class ChatPage(TypedDict):
    """`next` is the `before` of the next page; null on the last one."""

    items: list[ChatItem]
    next: str | None


class MemberJson(TypedDict):
    """`username`: by which a message calls a member; guests have none."""

    user: UserJson
    username: str | None
    role: Annotated[str, Role]
    state: Annotated[str, State]
    joined_at: Moment
    read_seq: int
    version: int


MEMBER_COUNT = Coalesce(
    Subquery(
        Membership.objects.filter(chat=OuterRef("chat"), state=State.ACTIVE)
        .order_by()
        .values("chat")
        .annotate(count=Count("id"))
        .values("count")
    ),
    0,
)


def chat_list(
    *,
    user_id: UUID,
    which: str = Filter.ALL,
    words: str = "",
    before: str = "",
    limit: int = 50,
    with_id: UUID | None = None,
) -> ChatPage:
    """The person's chats: the pinned ones, then the others, newest message first in both.

    `which`: a `Filter`. `words`: of the name. `before`: the previous page's `next`. `with_id`: only those
    that somebody else is in, too. Raises Invalid.
    """
    memberships = fitting(places_of(user_id), which)
    if words:
        memberships = named(memberships, words)
    if with_id:
        theirs = Membership.objects.filter(user_id=with_id, state=State.ACTIVE).values("chat_id")
        memberships = memberships.filter(chat_id__in=theirs)
    if before:
        memberships = after(memberships, before)
    memberships = memberships.select_related("chat", "user", "draft")
    rows = list(memberships.annotate(member_count=MEMBER_COUNT).order_by(*ORDER)[: limit + 1])
    page = rows[:limit]
    return {
        "items": _items(page, {row.chat_id: row.member_count for row in page}),
        "next": cursor_of(page[-1].chat, is_pinned=page[-1].is_pinned) if len(rows) > limit else None,
    }


def chat_detail(*, chat_id: UUID, user_id: UUID) -> ChatItem:
    """Raises ChatNotFound."""
    membership = places_of(user_id).select_related("chat", "user", "draft").filter(chat_id=chat_id).first()
    if membership is None:
        raise NotAMember
    return _items([membership], member_counts([chat_id]))[0]


def chat_summary(chat_id: UUID) -> SummaryJson:
    """What an invitation may show of the chat. Raises ChatNotFound."""
    chat = Chat.objects.filter(id=chat_id).first()
    if chat is None:
        raise ChatNotFound
    return summary_json(chat)


def searched(user_id: UUID) -> QuerySet[Membership]:
    """All that the person may search."""
    return places_of(user_id)


def membership_or_refusal(chat_id: UUID, user_id: UUID, **beside: Any) -> Membership:
    """`beside`: what else is asked in the same question."""
    membership = places_of(user_id).select_related("user").annotate(**beside).filter(chat_id=chat_id).first()
    if membership is None:
        raise NotAMember
    return membership


def _items(memberships: Sequence[Membership], counts: Mapping[UUID, int]) -> list[ChatItem]:
    newest = _newest_messages(memberships)
    partners = _partners([m for m in memberships if m.chat.kind == Kind.DIRECT])
    return [
        {
            **summary_json(membership.chat, member_count=counts[membership.chat_id]),
            **preferences_json(membership),
            "title": membership.chat.title or name_of(partners.get(membership.chat_id)),
            "role": membership.role,
            "unread": unread_of(membership),
            "mentions": membership.mentions,
            "read_seq": membership.read_seq,
            "last_message": newest.get(membership.chat_id),
            "partner": partners.get(membership.chat_id),
            "draft": _draft_of(membership),
            "silenced_until": utc(membership.silence),
        }
        for membership in memberships
    ]


def _draft_of(membership: Membership) -> DraftJson | None:
    draft: Draft | None = getattr(membership, "draft", None)  # it has been read along with the membership
    return draft_json(draft) if draft else None


def _newest_messages(memberships: Sequence[Membership]) -> dict[UUID, MessageJson]:
    """By their keys: joined with the chats, PostgreSQL would read all messages of all of them."""
    keys = [(m.chat_id, m.chat.last_seq) for m in memberships if m.chat.last_seq >= readable_from(m)]
    newest = Message.objects.filter(pk__in=keys).select_related("sender")
    return {message.chat_id: message_json(message) for message in newest}


def _partners(memberships: list[Membership]) -> dict[UUID, UserJson]:
    return partners([m.chat_id for m in memberships], memberships[0].user_id) if memberships else {}


def partners(chat_ids: Sequence[UUID], user_id: UUID) -> dict[UUID, UserJson]:
    """The other people of direct chats."""
    others = Membership.objects.filter(chat_id__in=chat_ids).exclude(user_id=user_id)
    others = others.order_by("-state")  # who is there last, so that a guest's account is named and not the guest it was
    return {other.chat_id: user_json(other.user) for other in others.select_related("user")}


def name_of(person: UserJson | None) -> str:
    return person["display_name"] if person else ""


def members(*, chat_id: UUID, user_id: UUID) -> list[MemberJson]:
    """The chat's active members. Raises ChatNotFound."""
    membership_or_refusal(chat_id, user_id)
    active = Membership.objects.filter(chat_id=chat_id, state=State.ACTIVE).select_related("user")
    rows = list(active.order_by("joined_at", "id"))
    hiding = hiding_receipts(membership.user_id for membership in rows)
    return [
        {
            "user": user_json(membership.user),
            "username": membership.user.username,
            "role": membership.role,
            "state": membership.state,
            "joined_at": utc(membership.joined_at),
            "read_seq": _shown_mark(membership, user_id, hiding),
            "version": membership.version,
        }
        for membership in rows
    ]


def banned(*, chat_id: UUID, user_id: UUID) -> list[MembershipJson]:
    """Who may not come in again, for those who may let them. Raises ChatNotFound, NotAllowed."""
    membership = membership_or_refusal(chat_id, user_id)
    require(Action.UNBAN, chat=membership.chat, membership=membership)
    found = Membership.objects.filter(chat_id=chat_id, state=State.BANNED).select_related("user")
    return [membership_json(one) for one in found.order_by("-version")]


def _shown_mark(membership: Membership, reader_id: UUID, hiding: Collection[UUID]) -> int:
    """How far somebody has read; nothing of who hides it, and nothing for who hides their own."""
    is_hidden = membership.user_id in hiding or reader_id in hiding
    return 0 if is_hidden and membership.user_id != reader_id else membership.read_seq


def may_invite(*, chat_id: UUID, user_id: UUID) -> None:
    """Raises ChatNotFound, ChatOver, NotAllowed. Guests invite only to a chat they host themselves."""
    membership = membership_or_refusal(chat_id, user_id)
    membership.chat.refuse_if_over()
    require(Action.INVITE, chat=membership.chat, membership=membership)
    if membership.user.is_bot:
        raise NotAllowed


def who_lets_in(chat_id: UUID) -> set[UUID]:
    """Those who decide about people that knock."""
    deciding = Membership.objects.filter(chat_id=chat_id, state=State.ACTIVE, role__in=TABLE[Action.LET_IN])
    return set(deciding.values_list("user_id", flat=True))


def doors_of(user_id: UUID) -> tuple[set[UUID], set[UUID]]:
    """The person's chats, and those of them in which they decide about people that knock."""
    roles = dict(places_of(user_id).values_list("chat_id", "role"))
    return set(roles), {chat_id for chat_id, role in roles.items() if role in TABLE[Action.LET_IN]}


def direct_chat_between(one: UUID, other: UUID) -> UUID | None:
    """Their direct chat, while `other` is in it."""
    return places_of(other).filter(chat__direct_key=pair_key(one, other)).values_list("chat_id", flat=True).first()


def is_a_members_name(user_id: UUID, name: str) -> bool:
    """Whether a guest of that name could be taken for a member of a chat the person is in."""
    return _is_taken(name, places_of(user_id).values("chat_id"))


def is_taken_in(*, chat_id: UUID, name: str) -> bool:
    """The same for one chat, asked before a guest comes in."""
    return _is_taken(name, [chat_id])


def _is_taken(name: str, chat_ids: Any) -> bool:
    members = Membership.objects.filter(chat_id__in=chat_ids, state=State.ACTIVE, user__is_guest=False)
    wanted = look_of(name)
    return any(look_of(other) == wanted for other in members.values_list("user__display_name", flat=True))


def title_of_chat(chat_id: UUID) -> str:
    """Empty for a chat without one, and for none."""
    return Chat.objects.filter(id=chat_id).values_list("title", flat=True).first() or ""
