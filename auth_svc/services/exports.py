"""Archives of what is known of a person: asked for, made by a job, told of, forgotten."""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_tasks import task

from abdre.db import snapshot
from abdre.limits import limit
from auth_svc.errors.exports import ExportPending
from auth_svc.models import Export
from auth_svc.selectors.exports import archive, written_archive
from auth_svc.services.mail import tell_of_export
from auth_svc.services.sessions import require_recent
from user_svc.selectors import user_by_id

EXPORTS_PER_PERSON = {"limit": 5, "window_s": 24 * 3600}


def ask_for_export(*, user_id: UUID, session_id: UUID) -> Export:
    """One at a time. Guests have nothing to show again who they are by, and need not.

    Raises ReauthenticationRequired, SecondFactorNeeded, ExportPending, TooMany.
    """
    if not user_by_id(user_id).is_guest:
        require_recent(session_id=session_id)
    Export.objects.of(user_id).failed(timezone.now()).delete()
    if Export.objects.of(user_id).filter(made_at=None).exists():
        raise ExportPending
    limit("export", str(user_id), **EXPORTS_PER_PERSON)
    try:
        with transaction.atomic():
            export = Export.objects.create(user_id=user_id)
            make_export.enqueue(str(user_id), str(export.id))
    except IntegrityError as problem:  # pressed twice at once
        raise ExportPending from problem
    return export


def take_export(*, export_id: UUID, user_id: UUID, session_id: UUID) -> Export:
    """With what stands in it; who has found the phone does not take along what its owner has asked for.

    Raises ExportNotFound, ReauthenticationRequired, SecondFactorNeeded.
    """
    if not user_by_id(user_id).is_guest:
        require_recent(session_id=session_id)
    return archive(export_id=export_id, user_id=user_id)


@task()
def make_export(user_id: str, export_id: str) -> None:
    waiting = Export.objects.of(UUID(user_id)).filter(id=export_id, made_at=None)
    if not waiting.exists():  # made already by a worker that died before it could say so, or gone with the person
        return
    with snapshot():
        written = written_archive(UUID(user_id))
    with transaction.atomic():
        if waiting.update(archive=written, size_bytes=len(written), made_at=timezone.now()):
            tell_of_export(user_id=UUID(user_id))


def forget_exports() -> None:
    """What was made a week ago goes. Runs now and then."""
    old_exports().delete()


def old_exports() -> QuerySet[Export]:
    return Export.objects.old(timezone.now())
