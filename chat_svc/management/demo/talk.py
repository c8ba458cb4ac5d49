"""Bodies of messages, ready for their rows: said once, folded and rendered once, and heard many times."""

import json
import re
from random import Random
from typing import NamedTuple

from chat_svc.management.demo import words
from chat_svc.markdown import rendered
from chat_svc.models.search import flags_of, fold

POOL = 40_000
# Every so many messages carry a number of their own: words that are rare in a million.
OWN_NUMBER_EVERY = 12
HOLE = re.compile(r"\{(\w+)\}")


class Speech(NamedTuple):
    body: str
    extras: str | None  # JSON
    folded: str
    flags: str

    @classmethod
    def of(cls, body: str) -> "Speech":
        rich = rendered(body)
        return cls(body, json.dumps(rich._asdict()) if rich else None, fold(body), flags_of(body, None))


class Talk:
    """The same seed says the same."""

    def __init__(self, random: Random, *, messages: int) -> None:
        self._random = random
        languages = random.choices(list(words.SHARES), list(words.SHARES.values()), k=min(POOL, messages))
        self._pool = [Speech.of(self._said(language)) for language in languages]

    def next(self, number: int) -> Speech:
        speech = self._random.choice(self._pool)
        if number % OWN_NUMBER_EVERY:
            return speech
        return Speech.of(f"{speech.body} #{self._random.getrandbits(40):x}")

    def _said(self, language: str) -> str:
        count = self._random.choices((1, 2, 3, 6), (60, 25, 12, 3))[0]
        sentences = self._random.choices(words.SENTENCES[language], k=count)
        return " ".join(HOLE.sub(lambda hole: self._filled(hole[1], language), sentence) for sentence in sentences)

    def _filled(self, hole: str, language: str) -> str:
        if hole == "number":
            return str(self._random.randrange(100, 100_000))
        if hole == "link":
            return self._random.choice(words.LINKS)
        fillings = {"thing": words.THINGS, "place": words.PLACES, "when": words.WHENS}[hole]
        return self._random.choice(fillings.get(language, fillings["en"]))
