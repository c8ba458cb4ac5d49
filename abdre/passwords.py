"""How passwords are hashed, and what is said of one that is like its owner's name."""

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.password_validation import UserAttributeSimilarityValidator
from django.utils.translation import gettext_lazy as _


class Argon2(Argon2PasswordHasher):
    """Argon2id at OWASP's recommended cost (Password Storage Cheat Sheet: 19 MiB, 2 passes, 1 lane).

    Django's own default takes 100 MiB a try, with which twenty people signing in at once fill a small pod.
    """

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1


class UnlikeItsOwner(UserAttributeSimilarityValidator):
    """Django's, which would name a column of ours, in English."""

    def get_error_message(self) -> str:
        return str(_("The password is too similar to your name or e-mail address."))
