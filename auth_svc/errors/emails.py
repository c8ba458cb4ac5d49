"""What is refused about addresses, and about links in letters."""

from django.utils.translation import gettext_lazy as _

from abdre.errors import Gone, NotFound


class LinkExpired(Gone):
    """One word for a key that is wrong, too old, used or overtaken: who holds it needs a new letter in any case."""

    code, message = "link_expired", _("This link no longer works. Please ask for a new letter.")


class DigestLinkUnknown(NotFound):
    code, message = "digest_link_unknown", _("This link is not whole. Please open it from the letter once more.")
