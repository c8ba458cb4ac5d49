"""What is kept for a time: each service says what (`settings.KEPT`), and `manage.py prune` shows and does it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Kept:
    """`due` and `forget` are asked for one chat (None: for all of them) where `is_in_chats`, else for all alone.

    `forget` goes in steps that are short transactions, each with how many went.
    """

    what: str
    how_long: Callable[[], str]
    due: Callable[[UUID | None], int]
    forget: Callable[[UUID | None], Iterator[int]]
    is_in_chats: bool = False


def rows(
    what: str, how_long: Callable[[], str], old: Callable[[], QuerySet[Any]], forget: Callable[[], object]
) -> Kept:
    """Of one table, small enough to go in one step: `forget` deletes what `old` finds."""

    def forget_them(_chat: UUID | None) -> Iterator[int]:
        count = old().count()
        forget()
        yield count

    return Kept(what, how_long, lambda _chat: old().count(), forget_them)


def by_setting(setting: str, *, zero_is_ever: bool = True) -> Callable[[], str]:
    """In days, as the environment says it. `setting` without its ABDRE_."""

    def told() -> str:
        days = getattr(settings, setting)
        return f"{f'{days} days' if days or not zero_is_ever else 'for ever'} (ABDRE_{setting})"

    return told


def always(time: timedelta) -> Callable[[], str]:
    minutes, hours, days = time.total_seconds() / 60, time.total_seconds() / 3600, time.days
    return lambda: f"{days} days" if days > 1 else f"{hours:g} hours" if hours >= 1 else f"{minutes:g} minutes"


def all_kept() -> list[Kept]:
    return [kept for path in settings.KEPT for kept in import_string(path)]
