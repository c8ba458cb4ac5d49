"""Backups have room where they are kept, night after night."""

from collections.abc import Iterator

from deploy.tests.manifests.house import Manifests
from deploy.tests.manifests.rules.names import containers, name
from deploy.tests.manifests.rules.quantities import quantity
from deploy.tests.manifests.rules.rule import rule


@rule
def backups_fit_on_their_volume(house: Manifests) -> Iterator[str]:
    """Those that are kept and the one that is being made, each with all files at their most."""
    for document in house.all_of("CronJob"):
        words = containers(house.pod(document["metadata"]["name"]))[0]["args"]
        if "backup" not in words:
            continue
        kept = int(words[words.index("--keep") + 1]) if "--keep" in words else None
        if kept is None:
            yield f"{name(document)} never deletes a backup"
        elif (kept + 1) * _size(house, "files") >= _size(house, "backups"):
            yield f"{kept + 1} backups of full files do not fit on their volume"


def _size(house: Manifests, claim: str) -> float:
    return quantity(house.one("PersistentVolumeClaim", claim)["spec"]["resources"]["requests"]["storage"])
