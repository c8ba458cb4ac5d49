"""A release that nobody notices: no pod goes before another is there, and each has the time that it needs."""

from collections.abc import Iterator

from deploy.tests.manifests.house import Manifests
from deploy.tests.manifests.rules.names import name
from deploy.tests.manifests.rules.rule import rule

# Longest: realtime lets its sockets go (25 s), gunicorn waits for what is under way (20 s); and some seconds to end.
STOPPING_S = 35
# Of those that hold people's sockets, whatever else is slow.
GRACE_OF_SOCKETS_S = 90
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
        if not pause_s:
            yield f"{name(document)} stops while proxies still send to it"
        if grace_s < pause_s + STOPPING_S or (
            document["metadata"]["name"] in HOLD_SOCKETS and grace_s < GRACE_OF_SOCKETS_S
        ):
            yield f"{name(document)} is killed after {grace_s} s"


@rule
def people_with_sockets_are_sent_away_slowly(house: Manifests) -> Iterator[str]:
    for scaler in house.all_of("HorizontalPodAutoscaler"):
        down = scaler["spec"].get("behavior", {}).get("scaleDown", {})
        slow = down.get("stabilizationWindowSeconds", 0) >= 600 and [
            (policy["type"], policy["value"]) for policy in down.get("policies", [])
        ] == [("Pods", 1)]
        if scaler["spec"]["scaleTargetRef"]["name"] == "abdre-realtime" and not slow:
            yield f"{name(scaler)} goes down by {down}"
