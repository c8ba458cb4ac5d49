"""What each socket may say of a chat, and in which order: the rules of the protocol, replayed over a log."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import singledispatchmethod
from typing import Literal

from deploy.tests.checker.log import (
    Answered,
    Asked,
    Began,
    Closed,
    Entered,
    Entry,
    Loaded,
    Opened,
    Removed,
    Row,
    Told,
)

Breach = tuple[Literal["doubled", "reordered", "phantom"], str]
Author = tuple[str, str]  # sender and client_id


def out_of_order(entries: Sequence[Entry]) -> Iterator[Breach]:
    replay = Replay()
    for entry in entries:
        yield from replay.take(entry)


@dataclass
class Run:
    """Items of one chat whose versions only rise, and whose new messages come in the order of seq."""

    above: int
    told: set[int] = field(default_factory=set)
    last_seq: int = 0

    def breach(self, item: Told) -> Breach | None:
        if item.version in self.told:
            return "doubled", f"was told twice {item}"
        if item.version <= self.above:
            return "reordered", f"was told after version {self.above} {item}"
        if item.is_new and item.row is not None and item.row.seq <= self.last_seq:
            return "reordered", f"was told after seq {self.last_seq} {item}"
        return None

    def take(self, item: Told) -> None:
        self.told.add(item.version)
        self.above = max(self.above, item.version)
        if item.is_new and item.row is not None:
            self.last_seq = max(self.last_seq, item.row.seq)


@dataclass
class Chat:
    """One chat on one socket: a live run, and, while a resume is under way, the run of its answer."""

    live: Run
    asked: int | None = None  # the cursor of the resume under way
    answer: Run | None = None

    def take(self, item: Told) -> Breach | None:
        run = self._run_of(item)
        breach = run.breach(item)
        run.take(item)
        return breach

    def _run_of(self, item: Told) -> Run:
        """Live items may still come until the server has read the resume; from there on they wait for its ack.

        So the first that does not go on where the live ones stopped begins the answer. It may repeat what was told live
        between the hello and the resume: the cursor did not contain that.
        """
        if self.answer is None and self.asked is not None and item.version <= self.live.above:
            self.answer = Run(above=self.asked)
        return self.answer or self.live

    def settle(self, head: int) -> None:
        told = self.live.told | (self.answer.told if self.answer else set())
        above = max(self.live.above, self.answer.above if self.answer else 0, head)
        last_seq = max(self.live.last_seq, self.answer.last_seq if self.answer else 0)
        self.live, self.answer, self.asked = Run(above, told, last_seq), None, None


@dataclass
class Held:
    """The messages of one chat that the client holds, both ways round."""

    by_seq: dict[int, Author] = field(default_factory=dict)
    seqs: dict[Author, int] = field(default_factory=dict)

    def keep(self, row: Row) -> None:
        author = row.sender, row.client_id
        self.by_seq[row.seq] = author
        self.seqs[author] = row.seq

    def breach(self, item: Told, row: Row, *, may_repeat: bool) -> Breach | None:
        author = row.sender, row.client_id
        if self.by_seq.get(row.seq, author) != author:
            return "doubled", f"was told another message under the same seq {item}"
        if self.seqs.get(author, row.seq) != row.seq:
            return "doubled", f"was told one message under two seqs {item}"
        if item.is_new and row.seq in self.by_seq and not may_repeat:
            return "doubled", f"was told as new what it held {item}"
        return None


class Replay:
    def __init__(self) -> None:
        self._chats: dict[str, Chat] = {}
        self._removed: set[str] = set()
        self._held: defaultdict[str, Held] = defaultdict(Held)

    @singledispatchmethod
    def take(self, entry: Entry) -> Iterator[Breach]:
        raise NotImplementedError(entry)

    @take.register
    def _(self, entry: Told) -> Iterator[Breach]:
        if entry.chat not in self._chats:
            yield "phantom", f"was told of a chat that is not theirs {entry}"
            return
        chat = self._chats[entry.chat]
        if breach := chat.take(entry):
            yield breach
        elif entry.row is not None:
            held = self._held[entry.chat]
            if breach := held.breach(entry, entry.row, may_repeat=chat.asked is not None):
                yield breach
            held.keep(entry.row)

    @take.register
    def _(self, entry: Opened) -> Iterator[Breach]:
        self._chats = {chat: Chat(Run(above=version)) for chat, version in entry.chats.items()}
        return iter(())

    @take.register
    def _(self, entry: Asked) -> Iterator[Breach]:
        for chat in entry.chats.keys() & self._chats.keys():
            self._chats[chat].asked = entry.chats[chat]
        return iter(())

    @take.register
    def _(self, entry: Answered) -> Iterator[Breach]:
        for chat, state in self._chats.items():
            if state.asked is not None:
                state.settle(entry.chats.get(chat, 0))
        return iter(())

    @take.register
    def _(self, entry: Began) -> Iterator[Breach]:
        self._held.pop(entry.chat, None)
        before = self._chats.get(entry.chat)
        self._chats[entry.chat] = Chat(Run(above=entry.version), asked=before.asked if before else None)
        return iter(())

    @take.register
    def _(self, entry: Loaded) -> Iterator[Breach]:
        for row in entry.rows:
            self._held[entry.chat].keep(row)
        return iter(())

    @take.register
    def _(self, entry: Entered) -> Iterator[Breach]:
        # Who was told of the chat by the hello already may be told again that they are in it.
        self._chats.setdefault(entry.chat, Chat(Run(above=entry.version)))
        return iter(())

    @take.register
    def _(self, entry: Removed) -> Iterator[Breach]:
        self._chats.pop(entry.chat, None)
        self._held.pop(entry.chat, None)
        return iter(())

    @take.register
    def _(self, entry: Closed) -> Iterator[Breach]:
        self._chats = {}
        return iter(())
