"""What stands behind REDIS_URL is read as it is written; what we would not follow is refused."""

from dataclasses import replace

import pytest
from django.core.exceptions import ImproperlyConfigured

from abdre.redis_address import RedisAddress
from abdre.redis_places import sees_most
from abdre.redis_topology import Kind, RedisTopology
from abdre.settings.channel_layer import layer_over

ONE = RedisAddress(host="one", port=26379)
NOWHERE = RedisAddress(host="", port=0)


@pytest.mark.parametrize(
    ("url", "topology"),
    [
        ("redis://:pass@one:7000/2", RedisTopology(Kind.SERVER, (RedisAddress("one", 7000, password="pass"),))),
        (
            "redis+sentinel://one,two:5000,[::1]/abdre",
            RedisTopology(
                Kind.SENTINEL, (ONE, RedisAddress("two", 5000), RedisAddress("::1", 26379)), "abdre", NOWHERE
            ),
        ),
        (
            "rediss+sentinel://ada:p%40ss@one/the%20house?sentinel_password=word&ssl_ca_certs=/ca.pem",
            RedisTopology(
                Kind.SENTINEL,
                (RedisAddress("one", 26379, password="word", is_encrypted=True, ca_file="/ca.pem"),),
                "the house",
                RedisAddress(host="", port=0, username="ada", password="p@ss", is_encrypted=True, ca_file="/ca.pem"),
            ),
        ),
        (
            "redis+cluster://:pass@one,two:7001/",
            RedisTopology(
                Kind.CLUSTER, (RedisAddress("one", password="pass"), RedisAddress("two", 7001, password="pass"))
            ),
        ),
    ],
)
def test_a_topology_is_read_as_it_is_written(url: str, topology: RedisTopology):
    read = RedisTopology.parse(url)

    assert replace(read, master=topology.master) == topology
    assert read.kind != Kind.SENTINEL or read.master == topology.master


@pytest.mark.parametrize(
    "url",
    [
        "redis+sentinel://one,two",
        "redis+sentinel://one,/abdre",
        "redis+sentinel://one/abdre/0",
        "redis+sentinel://one/abdre?db=1",
        "redis+sentinel://one:port/abdre",
        "redis+cluster://one,two/3",
        "redis+cluster://one,two//3",
        "redis+cluster://",
        "redis+cluster://one?sentinel_password=x",
        "redis+magic://one",
        "unix+sentinel:///run/redis.sock",
        "redis+cluster://one#two",
    ],
)
def test_what_would_not_be_followed_is_refused(url: str):
    with pytest.raises(ValueError, match=r"\w"):
        RedisTopology.parse(url)


def test_the_stock_layer_follows_sentinels_and_says_that_it_knows_no_cluster():
    sentinels = layer_over("redis+sentinel://:pass@one,two/abdre?sentinel_password=word", "stock")

    (host,) = sentinels["CONFIG"]["hosts"]
    assert host["master_name"] == "abdre"
    assert host["sentinels"] == [("one", 26379), ("two", 26379)]
    assert (host["password"], host["sentinel_kwargs"]["password"]) == ("pass", "word")
    with pytest.raises(ImproperlyConfigured, match="ABDRE_CHANNEL_LAYER"):
        layer_over("redis+cluster://one", "stock")
    with pytest.raises(ImproperlyConfigured, match="ABDRE_CHANNEL_LAYER"):
        layer_over("rediss+sentinel://one/abdre", "stock")


@pytest.mark.parametrize(
    ("others", "answer"),
    [(("master", "master"), True), (("master", "master,fail"), True), (("master,fail?", "master,fail"), False)],
)
def test_a_node_that_most_masters_are_away_from_is_not_listened_to(others: tuple[str, str], answer: bool):
    lines = [
        "a 127.0.0.1:1@2 myself,master - 0 0 1 connected 0-5460",
        *(f"{n} 127.0.0.1:3@4 {flags} - 0 0 1 connected 5461-16383" for n, flags in enumerate(others)),
        "d 127.0.0.1:5@6 slave a 0 0 1 connected",
    ]

    assert sees_most("\n".join(lines) + "\n") == answer
