"""What the eye sees of a name."""

import unicodedata

from user_svc.models import name_key

# Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties.txt, 15.1), which Python's tables leave out: signs that
# no font shows. Some are letters or accents by their category.
IGNORABLE = (
    *((0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F)),
    *((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF)),
    *((0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)),
)


def look_of(name: str) -> str:
    """What the eye sees of a name: letter case, spelling in Unicode, spaces and invisible signs aside.

    Letters of two scripts that look alike (Latin and Cyrillic a) are two letters here.
    """
    shown = "".join(sign for sign in name if not is_ignorable(sign))
    visible = "".join(sign for sign in name_key(shown) if unicodedata.category(sign) != "Cf" and not is_ignorable(sign))
    return " ".join(visible.split())


def is_ignorable(sign: str) -> bool:
    """Whether no font shows it by itself."""
    return any(first <= ord(sign) <= last for first, last in IGNORABLE)
