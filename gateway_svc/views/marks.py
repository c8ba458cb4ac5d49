"""A word on what has just happened, in the address of the next page: nobody else makes one up, and it soon ends."""

from datetime import timedelta

from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest

# For a reload; who comes back later by the history is told nothing that is not so any more.
LIFETIME = timedelta(minutes=10)
_signer = TimestampSigner(salt="gateway_svc.marks")


def mark(word: str) -> str:
    return _signer.sign(word)


def marked(request: HttpRequest, name: str) -> str:
    """The word that the address carries under `name`; empty for none, and for one that is not ours or too old."""
    try:
        return _signer.unsign(request.GET.get(name, ""), max_age=LIFETIME)
    except BadSignature:
        return ""
