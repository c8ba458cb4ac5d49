"""Which heads of requests are beyond doubt: what two readers may understand differently is refused (RFC 9112, 11.2)."""

import re

# Those that anybody here answers. TRACE would say cookies again, CONNECT asks for a line to somebody else.
METHODS = frozenset((b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS"))
HOST = re.compile(rb"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")

MALFORMED = b"400 Bad Request"
UNKNOWN_METHOD = b"501 Not Implemented"
UNKNOWN_VERSION = b"505 HTTP Version Not Supported"

Headers = list[tuple[bytes, bytes]]  # names in lower case


def refusal_of(*, method: bytes, version: str, target: bytes, headers: Headers) -> bytes | None:
    """The status of the answer to a head that nobody is to see; None for all others.

    What llhttp refuses by itself (two lengths, length and chunks, spaces and folds) is not looked for again.
    """
    if version not in ("1.0", "1.1"):
        return UNKNOWN_VERSION
    if method not in METHODS:
        return UNKNOWN_METHOD
    if not _is_plain(target) or not _is_for_one_host(headers) or not _is_plainly_coded(version, headers):
        return MALFORMED
    return None


def has_body(headers: Headers) -> bool:
    return bool(_values(b"transfer-encoding", headers)) or _values(b"content-length", headers) not in ([], [b"0"])


def _is_plain(target: bytes) -> bool:
    """A path of ours. `http://…` would name a host a second time, and a fragment is never sent."""
    return target.startswith(b"/") and b"#" not in target


def _is_for_one_host(headers: Headers) -> bool:
    hosts = _values(b"host", headers)
    return len(hosts) == 1 and HOST.fullmatch(hosts[0]) is not None


def _is_plainly_coded(version: str, headers: Headers) -> bool:
    """Not at all or in chunks, which HTTP/1.0 does not know (RFC 9112, 6.1)."""
    codings = [value.lower() for value in _values(b"transfer-encoding", headers)]
    return not codings or (version == "1.1" and codings == [b"chunked"])


def _values(wanted: bytes, headers: Headers) -> list[bytes]:
    return [value for name, value in headers if name == wanted]
