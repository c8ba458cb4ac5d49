"""Writes an image's digest into an overlay, or takes it from the one before: `python -m deploy.ci.images_of_overlay`.

Arguments: dev, staging or prod; a role, or all; the image's name; and for dev the digest. Prints what is taken. The
migrate Job goes with every role: it makes the schema that the role needs.
"""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ruamel.yaml import YAML

OVERLAYS = Path(__file__).resolve().parent.parent / "k8s/overlays"
BEFORE = {"staging": "dev", "prod": "staging"}
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def take(place: str, role: str, image: str, digest: str = "", *, overlays: Path = OVERLAYS) -> set[str]:
    """The images that the overlay runs from now on."""
    if (place == "dev") != bool(digest):
        raise SystemExit("dev takes a digest; staging and prod take that of the place before them")
    if not any(name == f"abdre-chat/{role}" for name in _digests(overlays / place)) and role != "all":
        raise SystemExit(f"{place} has no image of {role}")
    taken = set()
    former = {} if digest else _digests(overlays / BEFORE[place])
    for path in _files(overlays / place):
        taken |= set(_written(path, role, image, lambda name: digest or former.get(name, "")))
    return taken


def _files(overlay: Path) -> list[Path]:
    return sorted(overlay.glob("**/kustomization.yaml"))


def _digests(overlay: Path) -> dict[str, str]:
    """Name of the base's image → what the overlay runs."""
    files = [YAML().load(path) for path in _files(overlay)]
    return {entry["name"]: entry.get("digest", "") for file in files for entry in file.get("images", [])}


def _written(path: Path, role: str, image: str, digest_of: Callable[[str], str]) -> Iterator[str]:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 200  # a digest stays on its line
    yaml.indent(mapping=2, sequence=4, offset=2)
    file = yaml.load(path)
    chosen = [entry for entry in file.get("images", []) if _is_of(entry["name"], role)]
    for entry in chosen:
        digest = digest_of(entry["name"])
        if not DIGEST.fullmatch(digest):
            raise SystemExit(f"{entry['name']}: {digest or 'nothing'} is no digest")
        entry.pop("newTag", None)
        entry["newName"], entry["digest"] = image, digest
        yield f"{image}@{digest}"
    if chosen:
        yaml.dump(file, path)


def _is_of(name: str, role: str) -> bool:
    of = name.rpartition("/")
    return of[0] == "abdre-chat" and (role == "all" or of[2] in (role, "migrate"))


def main(arguments: Sequence[str]) -> None:
    print(*sorted(take(*arguments)), sep="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
