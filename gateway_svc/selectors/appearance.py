"""How a page is to look to somebody who has chosen, or is choosing just now."""

from collections.abc import Mapping
from dataclasses import asdict, replace

from abdre.appearance import DEFAULT, Appearance, appearance_of
from gateway_svc.selectors.api import Json


def of_preferences(preferences: Json) -> Appearance:
    """As the user service answers; what it knows that this page does not yet, is left out."""
    return Appearance(**{name: preferences[name] for name in asdict(DEFAULT) if name in preferences})


def changed(shown: Appearance, facts: Mapping[str, object]) -> Appearance:
    """For who has no account: checked as the user service would."""
    return appearance_of(replace(shown, **facts).cookies())  # type: ignore[arg-type]  # from a form of ours
