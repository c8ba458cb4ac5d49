"""What a provider says about an account of its own; and how that waits for its person to sign in here."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass

from django.core import signing

from oauth_svc.errors import FlowExpired
from oauth_svc.selectors import OIDC

PENDING_SALT = "oauth.pending"
PENDING_S = 600


@dataclass(frozen=True)
class Claims:
    provider: str  # its id in the settings
    issuer: str  # of a provider without OpenID Connect: the id again
    subject: str
    email: str = ""  # only if the provider says that it is verified
    username: str = ""
    name: str = ""
    family: str = OIDC

    @property
    def key(self) -> dict[str, str]:
        """A subject is unique with its issuer only; hashed, since the two together outgrow the column."""
        return {"provider": self.family, "uid": hashlib.sha256(f"{self.issuer}\n{self.subject}".encode()).hexdigest()}

    @property
    def shown(self) -> str:
        """By what its owner knows the account."""
        return self.email or self.username or self.name

    @property
    def kept(self) -> dict[str, str]:
        """What the linked account's row holds beside the key."""
        return {"provider": self.provider, "iss": self.issuer, "sub": self.subject, "name": self.shown}

    def sealed(self) -> str:
        """For the browser to carry while its person signs in; nobody else can have made it."""
        return signing.dumps(asdict(self), salt=PENDING_SALT, compress=True)


def unsealed(pending: str) -> Claims:
    """Raises FlowExpired, also for what we have never sealed."""
    try:
        return Claims(**signing.loads(pending, salt=PENDING_SALT, max_age=PENDING_S))
    except signing.BadSignature as problem:
        raise FlowExpired from problem
