"""A release that nobody notices: no pod goes before another is there, and each has the time that it needs."""

from collections.abc import Iterator

from deploy.tests.manifests.house import Manifests
from deploy.tests.manifests.rules.names import name
from deploy.tests.manifests.rules.rule import rule

# Sockets are let go over ABDRE_DRAIN_S; then requests have 10 s, the jobs at hand 15 s, and gunicorn waits 5 s more.
DRAIN_S = "25"
AFTER_DRAIN_S = 30
# Each that goes sends all its people to the others.
HOLD_SOCKETS = ("abdre-gateway", "abdre-realtime")


@rule
def no_pod_goes_before_another_is_there(house: Manifests) -> Iterator[str]:
    for document in house.all_of("Deployment"):
        rolling = document["spec"].get("strategy", {}).get("rollingUpdate", {})
        if rolling.get("maxUnavailable") != 0 or not rolling.get("maxSurge"):
            yield f"{name(document)} rolls as {rolling}"


@rule
def pods_have_time_to_stop(house: Manifests) -> Iterator[str]:
    for document in house.all_of("Deployment"):
        pod = document["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        command = container.get("lifecycle", {}).get("preStop", {}).get("exec", {}).get("command", [])
        pause_s = int(command[1]) if command[:1] == ["sleep"] else 0
        grace_s = pod["terminationGracePeriodSeconds"]
        drain_s = int(
            house.environment(document["metadata"]["name"].removeprefix("abdre-")).get("ABDRE_DRAIN_S", DRAIN_S)
        )
        if not pause_s:
            yield f"{name(document)} stops while proxies still send to it"
        if grace_s < pause_s + drain_s + AFTER_DRAIN_S:
            yield f"{name(document)} is killed after {grace_s} s"


@rule
def people_with_sockets_are_sent_away_slowly(house: Manifests) -> Iterator[str]:
    for scaler in house.all_of("HorizontalPodAutoscaler"):
        down = scaler["spec"].get("behavior", {}).get("scaleDown", {})
        slow = down.get("stabilizationWindowSeconds", 0) >= 600 and [
            (policy["type"], policy["value"]) for policy in down.get("policies", [])
        ] == [("Pods", 1)]
        if scaler["spec"]["scaleTargetRef"]["name"] in HOLD_SOCKETS and not slow:
            yield f"{name(scaler)} goes down by {down}"
