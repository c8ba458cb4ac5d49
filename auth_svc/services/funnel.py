"""What becomes of codes: made, opened, joined, and the first words of who came by one; counted for the operator."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from django.db import transaction

from abdre import metrics
from auth_svc.models import InvitationUse
from auth_svc.selectors.previews import chat_entered
from chat_svc.services import newly_heard

MADE, OPENED, JOINED, FIRST_MESSAGE = "made", "opened", "joined", "first_message"


def count_step(step: str) -> None:
    """Once the running transaction is committed."""
    transaction.on_commit(partial(metrics.INVITATIONS.add, 1, step))


def count_first_messages() -> None:
    """By the clock of each process that stores messages."""
    heard = newly_heard()
    if heard:
        metrics.INVITATIONS.add(_came_by_code(heard), FIRST_MESSAGE)


def _came_by_code(heard: Sequence[tuple[UUID, UUID]]) -> int:
    """How many of these people came into this chat by a code."""
    uses = InvitationUse.objects.filter(user_id__in={person for _, person in heard}).select_related("invitation")
    came = {(chat_entered(use.invitation, use.user_id), use.user_id) for use in uses}
    return len(came & set(heard))
