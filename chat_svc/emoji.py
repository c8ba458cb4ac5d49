"""What counts as an emoji: one that keyboards offer, in the one spelling by which it is kept."""

from functools import cache

VARIANT = "\ufe0f"  # asks for the picture; keyboards leave it out or put it in as they like
LENGTH_LIMIT = 16  # characters; the longest known one has ten


def as_emoji(text: str) -> str:
    """The emoji's full spelling, or nothing where it is none, or more than one."""
    return _spellings().get(text.replace(VARIANT, ""), "") if len(text) <= LENGTH_LIMIT else ""


@cache
def _spellings() -> dict[str, str]:
    """By spelling without variants. Loaded at the first reaction: half a megabyte that a process may never need."""
    from emoji import EMOJI_DATA, STATUS

    full = (sign for sign, facts in EMOJI_DATA.items() if facts["status"] == STATUS["fully_qualified"])
    return {sign.replace(VARIANT, ""): sign for sign in full}
