"""Writes an image's digest into an overlay, or takes it from the one before: `python -m deploy.ci.images_of_overlay`.

Arguments: dev, staging or prod; a role, or all; the image's name; and for dev the digest. Prints what is taken; only
with `--write` is it. The Jobs go with every role: migrate makes the schema that the role needs, backup keeps it.
"""

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

OVERLAYS = Path(__file__).resolve().parent.parent / "k8s/overlays"
BEFORE = {"staging": "dev", "prod": "staging"}
MIGRATE, BACKUP = "abdre-chat/migrate", "abdre-chat/backup"
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
# By file: as it is to be, and the images that it then takes.
Changes = Mapping[Path, tuple[Any, set[str]]]


def take(place: str, role: str, image: str, digest: str = "", *, overlays: Path = OVERLAYS) -> set[str]:
    """Writes what `taken` says."""
    changes = _changes(place, role, image, digest, overlays)
    for path, (file, _) in changes.items():
        _yaml().dump(file, path)
    return _images_in(changes)


def taken(place: str, role: str, image: str, digest: str = "", *, overlays: Path = OVERLAYS) -> set[str]:
    """The images that the overlay would run from then on; nothing is written."""
    return _images_in(_changes(place, role, image, digest, overlays))


def _changes(place: str, role: str, image: str, digest: str, overlays: Path) -> Changes:
    """All of them, before the first is written: half a promotion is none."""
    if (place == "dev") != bool(digest):
        raise SystemExit("dev takes a digest; staging and prod take that of the place before them")
    if not any(name == f"abdre-chat/{role}" for name in _digests(overlays / place)) and role != "all":
        raise SystemExit(f"{place} has no image of {role}")
    former = {} if digest else _digests(overlays / BEFORE[place])
    former.setdefault(BACKUP, former.get(MIGRATE, ""))  # only prod makes backups
    changes = {
        path: _changed(path, role, image, lambda name: digest or former.get(name, ""))
        for path in _files(overlays / place)
    }
    return {path: change for path, change in changes.items() if change[1]}


def _images_in(changes: Changes) -> set[str]:
    return set().union(*(images for _, images in changes.values()))


def _files(overlay: Path) -> list[Path]:
    return sorted(overlay.glob("**/kustomization.yaml"))


def _digests(overlay: Path) -> dict[str, str]:
    """Name of the base's image → what the overlay runs."""
    files = [YAML().load(path) for path in _files(overlay)]
    return {entry["name"]: entry.get("digest", "") for file in files for entry in file.get("images", [])}


def _changed(path: Path, role: str, image: str, digest_of: Callable[[str], str]) -> tuple[Any, set[str]]:
    """The file as it is to be, and the images that it then takes."""
    file = _yaml().load(path)
    images = set()
    for entry in file.get("images", []):
        if not _is_of(entry["name"], role):
            continue
        digest = digest_of(entry["name"])
        if not DIGEST.fullmatch(digest):
            raise SystemExit(f"{entry['name']}: {digest or 'nothing'} is no digest")
        entry.pop("newTag", None)
        entry["newName"], entry["digest"] = image, digest
        images.add(f"{image}@{digest}")
    return file, images


def _yaml() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 200  # a digest stays on its line
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _is_of(name: str, role: str) -> bool:
    return name.startswith("abdre-chat/") and (role == "all" or name in (f"abdre-chat/{role}", MIGRATE, BACKUP))


def main(arguments: Sequence[str]) -> None:
    deed = take if "--write" in arguments else taken
    print(*sorted(deed(*(word for word in arguments if word != "--write"))), sep="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
