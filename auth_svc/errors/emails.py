"""What is refused about addresses, and about links in letters."""

from django.utils.translation import gettext_lazy as _

from abdre.errors import Gone


class LinkExpired(Gone):
    """One word for a key that is wrong, too old, used or overtaken: who holds it needs a new letter in any case."""

    code, message = "link_expired", _("This link no longer works. Please ask for a new letter.")
