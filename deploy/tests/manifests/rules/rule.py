"""A rule: a function from a rendered house to complaints, known by its name."""

from collections.abc import Callable, Iterator

from deploy.tests.manifests.house import Manifests

Rule = Callable[[Manifests], Iterator[str]]

RULES: dict[str, Rule] = {}


def rule(function: Rule) -> Rule:
    RULES[function.__name__] = function
    return function
