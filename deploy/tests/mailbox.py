"""The letters that the house sends: each is a file in a folder, as Django's backend for that writes them."""

import email
import re
import time
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

# A job is begun half a second after it was asked for, and one may ask for another.
WITHIN_S = 15
LOOK_EVERY_S = 0.1
LINK = re.compile(r"https?://\S+")


class Mailbox:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def settings(self) -> dict[str, str]:
        backend = "django.core.mail.backends.filebased.EmailBackend"
        return {"ABDRE_EMAIL_BACKEND": backend, "EMAIL_FILE_PATH": str(self.folder)}

    def letters(self, to: str) -> list[EmailMessage]:
        """What has come for that address, the first letter first."""
        files = sorted(self.folder.iterdir(), key=lambda file: file.stat().st_mtime_ns)
        return [letter for file in files for letter in _letters(file) if letter["To"] == to]

    def letter(self, to: str, subject: str, *, number: int = 1) -> EmailMessage:
        """The so-manieth letter of that subject, as soon as it is there."""
        until = time.monotonic() + WITHIN_S
        while time.monotonic() < until:
            found = [letter for letter in self.letters(to) if letter["Subject"] == subject]
            if len(found) >= number:
                return found[number - 1]
            time.sleep(LOOK_EVERY_S)
        raise AssertionError(f"no letter {subject!r} to {to}: {[str(one['Subject']) for one in self.letters(to)]}")

    def path(self, to: str, subject: str, *, number: int = 1) -> str:
        """Where the letter's link leads, without the origin."""
        plain = self.letter(to, subject, number=number).get_body(("plain",))
        assert plain is not None
        links = LINK.findall(plain.get_content())
        return next(path for link in reversed(links) if (path := "/" + link.split("/", 3)[-1]).count("/") > 1)

    def key(self, to: str, subject: str, *, number: int = 1) -> str:
        return self.path(to, subject, number=number).rpartition("/")[2]


def _letters(file: Path) -> list[EmailMessage]:
    """A line of hyphens ends each; Django names files by the second and by chance, so two letters may be in one."""
    *whole, _unfinished = file.read_bytes().split(b"-" * 79 + b"\n")
    return [email.message_from_bytes(text, policy=default) for text in whole]
