"""What people may be called."""

import re
import unicodedata

from django.utils.translation import gettext as _

from user_svc.errors import InvalidName
from user_svc.models import DISPLAY_NAME_LIMIT, USERNAME_KEY_LIMIT, name_key
from user_svc.selectors import is_ignorable

USERNAME = re.compile(r"[\w.-]{3,30}")
# They turn the text around them, so a name could rewrite the line it stands in.
BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
BLANKS = frozenset("\u2800")  # a Braille pattern without dots: a letter to Unicode, nothing to the eye


def checked_username(username: str) -> str:
    """Kept as typed. Raises InvalidName."""
    if not USERNAME.fullmatch(username):
        raise InvalidName("username", _("3 to 30 letters, digits, dots, hyphens or underscores."))
    if len(name_key(username)) > USERNAME_KEY_LIMIT:
        raise InvalidName("username", _("These signs stand for whole words. Please choose plain letters."))
    return username


def checked_display_name(display_name: str) -> str:
    """Kept as typed, but for white space around it. Raises InvalidName."""
    name = display_name.strip()
    if not 1 <= len(name) <= DISPLAY_NAME_LIMIT:
        raise InvalidName("display_name", _("A name has 1 to 60 characters."))
    if not all(may_be_shown(sign) for sign in name) or not any(_is_visible(sign) for sign in name):
        raise InvalidName("display_name", _("This name holds signs that cannot be shown."))
    return name


def may_be_shown(sign: str) -> bool:
    """Within a line of text that others read."""
    if sign in BIDI_CONTROLS:
        return False
    # Cf: tag characters build flags of regions in emoji; Co, Cs, Cc have no agreed look.
    hidden = unicodedata.category(sign) in ("Cc", "Cs", "Co", "Zl", "Zp")
    return not hidden


def _is_visible(sign: str) -> bool:
    return not is_ignorable(sign) and sign not in BLANKS and unicodedata.category(sign) not in ("Cf", "Zs", "Mn", "Me")
