"""What has to hold in a rendered house, and no schema can see: each says what is wrong, and is tried on errors."""

from deploy.tests.manifests.rules import backups, mounts, names, pods, scale, shapes, stopping, times, ways
from deploy.tests.manifests.rules.rule import RULES, Rule

__all__ = ["RULES", "Rule", "backups", "mounts", "names", "pods", "scale", "shapes", "stopping", "times", "ways"]
