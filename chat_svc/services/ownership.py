"""A chat is given to somebody else."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from chat_svc.errors import InvalidChat, NotAllowed
from chat_svc.models import Chat, EntryKind, Membership, Role
from chat_svc.rights import Action, require
from chat_svc.services.members import member_of
from chat_svc.services.membership_log import tell


def transfer_chat(*, chat_id: UUID, actor_id: UUID, user_id: UUID) -> Membership:
    """The owner becomes an admin, and somebody else the owner, in one step. Answers the new owner's membership.

    Raises ChatNotFound, ChatOver, MemberNotFound, NotAllowed, InvalidChat.
    """
    with transaction.atomic():
        chat, actor = Chat.objects.locked_for(chat_id, actor_id)
        chat.refuse_if_over()
        require(Action.TRANSFER, chat=chat, membership=actor)
        if user_id == actor_id:
            raise InvalidChat("user", _("The chat is yours already."))
        heir = member_of(chat, user_id)
        if heir.user.is_guest:
            raise NotAllowed
        heir.change(version=chat.next_version(), role=Role.OWNER)
        actor.change(version=chat.next_version(), role=Role.ADMIN)
        for membership in (heir, actor):
            tell(chat, membership, EntryKind.ROLE_CHANGED, by=actor.user)
    return heir
