"""How passwords are hashed."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """Argon2id at OWASP's recommended cost (Password Storage Cheat Sheet: 19 MiB, 2 passes, 1 lane).

    Django's own default takes 100 MiB a try, with which twenty people signing in at once fill a small pod.
    """

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1
