"""What a backup says of itself, so that it can be judged before anything is touched."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

MANIFEST = "manifest.json"
FORMAT = 1
CHUNK = 1024 * 1024


class BackupProblem(Exception):
    """Why a backup cannot be made or used, in words for the operator."""


@dataclass(frozen=True)
class Part:
    """One file of a backup."""

    bytes: int
    sha256: str


@dataclass(frozen=True)
class Content:
    """One table: how many rows, and the sum of their hashes where the database can tell it quickly."""

    rows: int
    sum: str = ""


@dataclass(frozen=True)
class Manifest:
    """`files` says where what people sent is: in this backup ("here"), in a "bucket", or "left out".

    `ahead` are those of the migrations that the release that made it did not know, and ran on all the same.
    """

    made_at: str
    version: str
    vendor: str
    server: str
    secret_key: str
    files: str
    keys: bool
    migrations: dict[str, list[str]]
    tables: dict[str, Content]
    parts: dict[str, Part] = field(default_factory=dict)
    secret_key_fallbacks: list[str] = field(default_factory=list)
    ahead: list[str] = field(default_factory=list)
    format: int = FORMAT

    @property
    def rows(self) -> int:
        return sum(content.rows for content in self.tables.values())

    @property
    def size_bytes(self) -> int:
        return sum(part.bytes for part in self.parts.values())

    def write(self, folder: Path) -> None:
        (folder / MANIFEST).write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Raises BackupProblem."""
    try:
        told = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise BackupProblem(f"{folder} is no backup, or an unfinished one: {MANIFEST} is not readable.") from problem
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise BackupProblem(f"{folder / MANIFEST} is not of format {FORMAT}, which this release reads.")
    try:
        told["tables"] = {name: Content(**content) for name, content in told["tables"].items()}
        told["parts"] = {name: Part(**part) for name, part in told["parts"].items()}
        return Manifest(**told)
    except (KeyError, TypeError, AttributeError) as problem:
        raise BackupProblem(f"{folder / MANIFEST} was changed or is broken: {problem}") from problem


def part_of(path: Path) -> Part:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return Part(path.stat().st_size, digest.hexdigest())


def check_parts(folder: Path, manifest: Manifest, *, tell: Callable[[str], None]) -> None:
    """Every file is there, byte for byte. Raises BackupProblem, which names the first that is not."""
    for name, part in manifest.parts.items():
        tell(f"checking {name}")
        path = folder / name
        if not path.is_file():
            raise BackupProblem(f"{name} is missing in {folder}: take another backup.")
        if part_of(path) != part:
            raise BackupProblem(f"{name} is not what was backed up, its checksum differs: take another backup.")


def fingerprint(secret: str) -> str:
    """By which a key is known again and from which nobody gets it: it is random and long."""
    return hashlib.sha256(f"abdre backup {secret}".encode()).hexdigest()[:16]
