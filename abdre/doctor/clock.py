"""The clock: codes, tokens and limits of time are counted by it, and by those of the database and Redis."""

import time
from collections.abc import Iterator

from django.conf import settings
from django.db import connection
from redis.exceptions import RedisError

from abdre.doctor.findings import Finding
from abdre.redis_topology import Kind, RedisTopology
from abdre.store.redis_clients import client_of

CHECK = "clock"
MOST_S = 2.0  # a rotating code and the step of an authenticator app forgive this much and a little more
WITHIN_S = 3


def database() -> Iterator[Finding]:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            began = time.time()
            cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float")
            yield from _judged("the database's", float(cursor.fetchone()[0]), began)


def store() -> Iterator[Finding]:
    """Not of a cluster: each of its nodes has a clock, and nothing of ours hangs on one of them."""
    topology = RedisTopology.parse(settings.REDIS_URL)
    if topology.kind == Kind.CLUSTER:
        return
    try:
        with client_of(settings.REDIS_URL, topology, timeout_s=WITHIN_S) as client:
            began = time.time()
            seconds, micros = client.time()
            yield from _judged("Redis'", seconds + micros / 1e6, began)
    except (RedisError, OSError):
        return  # said by the check of Redis


def _judged(whose: str, theirs: float, began: float) -> Iterator[Finding]:
    ours = (began + time.time()) / 2
    if abs(theirs - ours) > MOST_S:
        ahead = "ahead of" if theirs > ours else "behind"
        what = f"{whose} clock is {abs(theirs - ours):.0f} s {ahead} this machine's"
        yield Finding(CHECK, "wrong", what[0].upper() + what[1:], "Have both set by NTP (timedatectl set-ntp true)")
