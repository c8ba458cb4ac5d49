"""What the heads of requests say of what follows them."""

MALFORMED = b"400 Bad Request"

Headers = list[tuple[bytes, bytes]]  # names in lower case


def has_body(headers: Headers) -> bool:
    return bool(_values(b"transfer-encoding", headers)) or _values(b"content-length", headers) not in ([], [b"0"])


def _values(wanted: bytes, headers: Headers) -> list[bytes]:
    return [value for name, value in headers if name == wanted]
