"""What an authenticator app shows, by RFC 6238 alone."""

import base64
import hashlib
import hmac
import struct

STEP_S = 30


def code_at(secret: str, now: float) -> str:
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", int(now // STEP_S)), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    (number,) = struct.unpack(">I", digest[offset : offset + 4])
    return f"{(number & 0x7FFFFFFF) % 1_000_000:06}"
