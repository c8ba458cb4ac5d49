"""Who is there: a mark in the store per person, kept fresh by whichever process holds their sockets, its holder.

A holder that dies lets its people's marks run out without a word. So each keeps a list of them beside a mark of its
own, and another holder that misses that mark learns from the list whom to speak of.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from abdre.store import StoreAway, store

# Two beats of 25 s fit in, so that one lost beat does not show the person as gone.
PRESENCE_TTL_S = 60
# Longer than it takes the others to notice, and to be noticed by them if they are restarted meanwhile.
LIST_TTL_S = 600

HOLDERS = "presence.holders"


@dataclass(frozen=True)
class Kept:
    """`lapsed`: the marks had run out, others may take these people for gone. `abandoned`: to be spoken of by us."""

    lapsed: bool
    abandoned: frozenset[UUID]


def _key(user_id: UUID) -> str:
    return f"presence:{user_id}"


def _alive(holder: str) -> str:
    return f"presence.holder:{holder}"


def _list(holder: str) -> str:
    return f"presence.held:{holder}"


def arrive(user_ids: Iterable[UUID], *, held: Iterable[UUID], holder: str) -> set[UUID]:
    """These people have come, to the others that `held` names. Answers those who were there already.

    Raises StoreAway.
    """
    arrived = list(user_ids)
    marks = store.get_many([_key(user_id) for user_id in arrived])
    _mark(arrived, held=held, holder=holder)
    return {user_id for user_id, mark in zip(arrived, marks, strict=True) if mark}


def _mark(user_ids: Collection[UUID], *, held: Iterable[UUID], holder: str) -> None:
    store.put(_list(holder), ",".join(user_id.hex for user_id in held), ttl_s=LIST_TTL_S)
    # The people's marks are put with their holder's, so when that is gone they are.
    marks = {_key(user_id): holder for user_id in user_ids}
    store.put_many({**marks, _alive(holder): "1"}, ttl_s=PRESENCE_TTL_S)


def beat(user_ids: Iterable[UUID], *, holder: str) -> Kept:
    """Say that these people are still there, in a few round trips for all of them. Raises StoreAway."""
    held = list(user_ids)
    holders = {known for known in (store.get(HOLDERS) or "").split(",") if known} | {holder}
    alive = dict(zip(holders, store.get_many([_alive(known) for known in holders]), strict=True))
    dead = {known for known, mark in alive.items() if mark is None and known != holder}
    if alive[holder] is None:
        # Just begun, or the store was away so long that nobody's mark is fresh: this is no moment to judge others.
        _mark([], held=held, holder=holder)
        store.put(HOLDERS, ",".join(holders), ttl_s=LIST_TTL_S)
        return Kept(lapsed=True, abandoned=frozenset())
    _mark(held, held=held, holder=holder)
    # Written without a lock: a holder that gets lost by it writes itself in again with its next beat.
    store.put(HOLDERS, ",".join(holders - dead), ttl_s=LIST_TTL_S)
    return Kept(lapsed=False, abandoned=frozenset(user_id for known in dead for user_id in _abandoned(known)))


def _abandoned(holder: str) -> set[UUID]:
    """Whom the dead holder held and nobody holds now; answered to the first that asks."""
    if store.hit(f"presence.told:{holder}", window_s=LIST_TTL_S).times > 1:
        return set()
    held = {UUID(text) for text in (store.get(_list(holder)) or "").split(",") if text}
    return held - online(held)


def leave(user_ids: Iterable[UUID], *, holder: str) -> set[UUID]:
    """They are not here any more. Answers those whom nobody else holds, as far as can be seen. Raises StoreAway."""
    asked = list(user_ids)
    marks = store.get_many([_key(user_id) for user_id in asked])
    ours = {user_id for user_id, mark in zip(asked, marks, strict=True) if mark in (holder, None)}
    store.delete_many([_key(user_id) for user_id in ours])
    return ours


def count() -> int:
    """How many people are there, by the lists of all living holders: each once, whatever they have open and where.

    Who came is counted at once, who went until their holder's next beat. Raises StoreAway.
    """
    holders = [known for known in (store.get(HOLDERS) or "").split(",") if known]
    alive = store.get_many([_alive(holder) for holder in holders])
    living = [holder for holder, mark in zip(holders, alive, strict=True) if mark]
    lists = store.get_many([_list(holder) for holder in living])
    return len({person for held in lists for person in (held or "").split(",") if person})


def online(user_ids: Iterable[UUID]) -> set[UUID]:
    """Those who are there; nobody while the store is away (presence is never worth an error)."""
    asked = list(user_ids)
    try:
        marks = store.get_many([_key(user_id) for user_id in asked])
    except StoreAway:
        return set()
    return {user_id for user_id, mark in zip(asked, marks, strict=True) if mark}
