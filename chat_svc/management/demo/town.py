"""The town: its people, its chats, who is in which, and how far they have read."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from uuid import UUID

from django.utils import timezone

from chat_svc.management.demo import words
from chat_svc.management.demo.rooms import Member, Room, Row
from chat_svc.management.demo.talk import Talk
from chat_svc.models import Chat, Kind, Membership, Role
from user_svc.services import create_members_in_bulk

# The person that one logs in as is in so many chats; another one is in all of them.
OWN_CHATS = 200
SPAN = dt.timedelta(days=365)
DIRECT = 0.15
SMALLEST, LARGEST = 3, 25  # members of a group, without the one who is in all
GOES_ON = 0.6  # the next message of the town is an answer in the same chat
BATCH = 2_000


@dataclass
class Town:
    """`rooms` by the order in which they were made."""

    rooms: list[Room]
    random: Random

    def talk(self, count: int) -> Iterator[tuple[Row, Row | None]]:
        """So many messages, oldest first over all chats, each with the block that it makes full, if it does."""
        talk, random = Talk(self.random, messages=count), self.random
        liveliness = [random.paretovariate(2) for _ in self.rooms]
        began, step = timezone.now() - SPAN, SPAN / count
        room = self.rooms[0]
        for number in range(count):
            if number < len(self.rooms):
                room = self.rooms[number]  # nowhere is silence
            elif random.random() > GOES_ON:
                [room] = random.choices(self.rooms, liveliness)
            sender = random.choice(room.members)
            yield room.say(sender.id, talk.next(number), began + step * number, random), room.full_block()

    def finish(self) -> None:
        """Write what is known of chats and members only when everything is said."""
        chats = {chat.id: chat for chat in Chat.objects.filter(id__in=[room.id for room in self.rooms])}
        for room in self.rooms:
            chat = chats[room.id]
            chat.last_seq, chat.version, chat.sealed_seq = room.last_seq, room.version, room.sealed_seq
            chat.last_message_at = room.last_at or chat.created_at
        facts = ["last_seq", "version", "sealed_seq", "last_message_at"]
        Chat.objects.bulk_update(chats.values(), facts, batch_size=100)
        Membership.objects.bulk_create(self._memberships(chats), batch_size=BATCH)

    def _memberships(self, chats: dict[UUID, Chat]) -> Iterator[Membership]:
        for room in self.rooms:
            chat = chats[room.id]
            for version, member in enumerate(room.members, start=2):
                read_seq = self._read_seq(room, member)
                yield Membership(
                    chat=chat,
                    user_id=member.id,
                    role=Role.OWNER if version == 2 or chat.kind == Kind.DIRECT else Role.MEMBER,
                    joined_at=chat.created_at,
                    read_seq=read_seq,
                    uncounted=room.uncounted_after(read_seq),
                    version=version,
                )

    def _read_seq(self, room: Room, member: Member) -> int:
        """Most have read all; the others at least what they wrote themselves."""
        own = room.own_seqs.get(member.id, 0)
        return room.last_seq if self.random.random() < 0.6 else self.random.randint(own, room.last_seq)


def settle(*, own: Member, everywhere: Member, people: int, chats: int, random: Random) -> Town:
    """People, and chats with nothing in them yet."""
    names = [f"{random.choice(words.GIVEN_NAMES)} {random.choice(words.FAMILY_NAMES)}" for _ in range(people)]
    usernames = [f"demo-{number}" for number in range(people)]
    ids = create_members_in_bulk(list(zip(usernames, names, strict=True)))
    others = [Member(*pair) for pair in zip(ids, names, strict=True)]
    mine = set(random.sample(range(chats), min(OWN_CHATS, chats)))
    strangers = iter(random.sample(others, len(others)))
    made = [_chat(number, number in mine, own, everywhere, others, strangers, random) for number in range(chats)]
    Chat.objects.bulk_create([chat for chat, _room in made], batch_size=BATCH)
    return Town([room for _chat, room in made], random)


def _chat(
    number: int,
    is_mine: bool,
    own: Member,
    everywhere: Member,
    others: list[Member],
    strangers: Iterator[Member],
    random: Random,
) -> tuple[Chat, Room]:
    created_at = timezone.now() - SPAN
    stranger = next(strangers, None) if not is_mine and random.random() < DIRECT else None
    if stranger is not None:
        members, facts = [everywhere, stranger], _direct(everywhere, stranger)
    else:
        group = random.sample(others, random.randint(SMALLEST, min(LARGEST, len(others))))
        members = [*([own] if is_mine else []), *group, everywhere]
        facts = {"kind": Kind.GROUP, "title": f"{random.choice(words.TITLES)} {number}"}
    chat = Chat(
        created_by_id=members[0].id,
        created_at=created_at,
        last_message_at=created_at,
        own_version=1,
        version=1 + len(members),
        **facts,
    )
    return chat, Room(chat.id, members, version=chat.version)


def _direct(one: Member, other: Member) -> dict[str, str]:
    return {"kind": Kind.DIRECT, "direct_key": ":".join(sorted((str(one.id), str(other.id))))}
