"""No rendered house breaks a rule, and each rule finds the errors that are planted for it."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from deploy.tests.manifests.house import HOUSES, Document, Manifests, house, template_of
from deploy.tests.manifests.rules import RULES
from deploy.tests.manifests.rules.mounts import SECRETS

# Image names and the way in are an overlay's to say.
NOT_OF_THE_BASE = {"images_have_a_tag", "one_alone_decides_how_many", "policies_and_monitors_select_somebody"}


@pytest.mark.parametrize("name", HOUSES)
def test_a_house_breaks_no_rule(name: str):
    rules = {title: rule for title, rule in RULES.items() if name != "base" or title not in NOT_OF_THE_BASE}

    broken = {title: list(rule(house(name))) for title, rule in rules.items()}

    assert {title: complaints for title, complaints in broken.items() if complaints} == {}


class Plant:
    """A house of one's own, to make errors in; each deed takes what to change by kind and name."""

    def __init__(self) -> None:
        documents = [*house("mesh").documents, *house("plain").all_of("Ingress")]
        self.documents = copy.deepcopy(documents)

    def spec(self, kind: str, name: str) -> Any:
        return Manifests(self.documents).one(kind, name)["spec"]

    def data(self, name: str) -> Any:
        return Manifests(self.documents).one("ConfigMap", name)["data"]

    def template(self, kind: str, name: str) -> Any:
        return template_of(Manifests(self.documents).one(kind, name))

    def pod(self, name: str, kind: str = "Deployment") -> Any:
        return self.template(kind, name)["spec"]

    def container(self, name: str, kind: str = "Deployment") -> Any:
        return self.pod(name, kind)["containers"][0]

    def volume(self, name: str, volume: str) -> Any:
        (found,) = [one for one in self.pod(name)["volumes"] if one["name"] == volume]
        return found

    def remove(self, kind: str, name: str) -> None:
        self.documents.remove(Manifests(self.documents).one(kind, name))

    def again(self, kind: str, name: str) -> Document:
        twin = copy.deepcopy(Manifests(self.documents).one(kind, name))
        self.documents.append(twin)
        return twin


AUTH, CHAT, REALTIME = "abdre-auth", "abdre-chat", "abdre-realtime"
CPU = "HorizontalPodAutoscaler"

# (rule, what is wrong): what a schema lets through.
PLANTED: list[tuple[str, str, Callable[[Plant], object]]] = [
    ("everything_is_there_once_and_in_its_namespace", "a Service twice", lambda p: p.again("Service", AUTH)),
    (
        "everything_is_there_once_and_in_its_namespace",
        "another namespace",
        lambda p: Manifests(p.documents).one("Service", AUTH)["metadata"].update(namespace="default"),
    ),
    (
        "workloads_select_their_own_pods_alone",
        "selector ≠ label",
        lambda p: p.spec("Deployment", AUTH)["selector"]["matchLabels"].update({"app.kubernetes.io/name": "oauth"}),
    ),
    (
        "services_lead_to_one_workload_at_a_port_of_it",
        "selects nobody",
        lambda p: p.spec("Service", AUTH)["selector"].update({"app.kubernetes.io/name": "aut"}),
    ),
    (
        "services_lead_to_one_workload_at_a_port_of_it",
        "wrong port name",
        lambda p: p.spec("Service", AUTH)["ports"][0].update(targetPort="web"),
    ),
    ("accounts_and_priorities_exist", "unknown priority", lambda p: p.pod(AUTH).update(priorityClassName="high")),
    ("accounts_and_priorities_exist", "unknown account", lambda p: p.pod(AUTH).update(serviceAccountName="root")),
    ("images_have_a_tag", "no tag", lambda p: p.container(AUTH).update(image="registry.example.org:5000/abdre-chat")),
    ("images_have_a_tag", "latest", lambda p: p.container(AUTH).update(image="abdre-chat:latest")),
    (
        "policies_and_monitors_select_somebody",
        "label of nobody",
        lambda p: p.spec("NetworkPolicy", "auth")["podSelector"]["matchLabels"].update(
            {"app.kubernetes.io/name": "au"}
        ),
    ),
    (
        "ports_that_are_watched_or_guarded_exist",
        "figures at no port",
        lambda p: p.spec("PodMonitor", "abdre")["podMetricsEndpoints"][0].update(port="figures"),
    ),
    (
        "ports_that_are_watched_or_guarded_exist",
        "guards no port",
        lambda p: p.spec("Server", "chat").update(port="web"),
    ),
    ("pods_are_restricted", "may be root", lambda p: p.pod(AUTH)["securityContext"].pop("runAsNonRoot")),
    ("pods_are_restricted", "no seccomp", lambda p: p.pod(AUTH)["securityContext"].pop("seccompProfile")),
    (
        "pods_are_restricted",
        "the machine's files",
        lambda p: p.pod(AUTH)["volumes"].append({"name": "x", "hostPath": {}}),
    ),
    ("pods_are_restricted", "a token", lambda p: p.pod(AUTH).update(automountServiceAccountToken=True)),
    (
        "containers_are_restricted",
        "a capability",
        lambda p: p.container(AUTH)["securityContext"]["capabilities"].update(add=["NET_RAW"]),
    ),
    (
        "containers_are_restricted",
        "may write its root",
        lambda p: p.container("migrate", "Job")["securityContext"].pop("readOnlyRootFilesystem"),
    ),
    ("containers_say_what_they_take", "no limit", lambda p: p.container(AUTH)["resources"]["limits"].pop("memory")),
    (
        "containers_say_what_they_take",
        "more than its limit",
        lambda p: p.container(AUTH)["resources"]["requests"].update(memory="1Gi"),
    ),
    ("whoever_stays_is_probed", "no readiness", lambda p: p.container(AUTH).pop("readinessProbe")),
    (
        "whoever_stays_is_probed",
        "no liveness",
        lambda p: p.container("abdre-redis", "StatefulSet").pop("livenessProbe"),
    ),
    (
        "whoever_stays_is_probed",
        "wrong port name",
        lambda p: p.container(AUTH)["startupProbe"]["httpGet"].update(port="web"),
    ),
    ("nothing_holds_a_secret", "a Secret", lambda p: p.documents.append({"kind": "Secret", "metadata": {"name": "x"}})),
    ("nothing_holds_a_secret", "a key in the open", lambda p: p.data("common").update(SECRET_KEY="x" * 40)),
    (
        "nothing_holds_a_secret",
        "a password",
        lambda p: p.data("common").update(ABDRE_S3_ENDPOINT="https://a:b@s3.example.org"),
    ),
    (
        "nothing_holds_a_secret",
        "a password beside the image",
        lambda p: p.container("abdre-redis", "StatefulSet")["env"].append({"name": "REDIS_URL", "value": "redis://x"}),
    ),
    (
        "what_is_mounted_is_there_and_what_is_there_is_mounted",
        "missing volume",
        lambda p: p.pod(AUTH)["volumes"].remove(p.volume(AUTH, "tmp")),
    ),
    (
        "what_is_mounted_is_there_and_what_is_there_is_mounted",
        "mounted by nobody",
        lambda p: p.pod(AUTH)["volumes"].append({"name": "more", "emptyDir": {}}),
    ),
    (
        "claims_exist_and_are_shared_only_where_they_can_be",
        "several pods on one machine's volume",
        lambda p: p.spec("PersistentVolumeClaim", "files").update(accessModes=["ReadWriteOnce"]),
    ),
    (
        "claims_exist_and_are_shared_only_where_they_can_be",
        "no such claim",
        lambda p: p.volume(CHAT, "files")["persistentVolumeClaim"].update(claimName="file"),
    ),
    (
        "large_volumes_are_not_walked_at_each_start",
        "every time",
        lambda p: p.pod(CHAT)["securityContext"].update(fsGroupChangePolicy="Always"),
    ),
    (
        "config_maps_exist",
        "no such ConfigMap",
        lambda p: p.container(AUTH)["envFrom"][0]["configMapRef"].update(name="commons"),
    ),
    (
        "secrets_have_the_keys_that_are_read",
        "unknown key",
        lambda p: p.volume(AUTH, "keys")["secret"]["items"][0].update(key="secret_key"),
    ),
    ("secrets_have_the_keys_that_are_read", "all keys", lambda p: p.volume(AUTH, "keys")["secret"].pop("items")),
    ("settings_are_known_to_the_code", "misspelt", lambda p: p.data("common").update(ABDRE_GUEST_HOSTNG="true")),
    (
        "files_that_settings_name_are_mounted",
        "elsewhere",
        lambda p: p.data(AUTH).update(SECRET_KEY_FILE="/run/secrets/secret-key"),
    ),
    (
        "autoscalers_lead_from_few_to_more",
        "fewest > most",
        lambda p: p.spec(CPU, AUTH).update(minReplicas=9),
    ),
    (
        "autoscalers_lead_from_few_to_more",
        "scales nobody",
        lambda p: p.spec(CPU, AUTH)["scaleTargetRef"].update(name="auth"),
    ),
    ("one_alone_decides_how_many", "a number as well", lambda p: p.spec("Deployment", AUTH).update(replicas=2)),
    ("one_alone_decides_how_many", "nobody", lambda p: p.remove(CPU, REALTIME)),
    ("one_alone_decides_how_many", "two", lambda p: p.again(CPU, AUTH)["metadata"].update(name="again")),
    (
        "budgets_let_one_go_and_not_all",
        "blocks all",
        lambda p: p.spec("PodDisruptionBudget", AUTH).update(maxUnavailable=0),
    ),
    (
        "budgets_let_one_go_and_not_all",
        "asks for all",
        lambda p: (
            p.spec("PodDisruptionBudget", AUTH).pop("maxUnavailable"),
            p.spec("PodDisruptionBudget", AUTH).update(minAvailable=2),
        ),
    ),
    (
        "budgets_let_one_go_and_not_all",
        "lets all go",
        lambda p: p.spec("PodDisruptionBudget", AUTH).update(maxUnavailable=2),
    ),
    ("budgets_let_one_go_and_not_all", "none", lambda p: p.remove("PodDisruptionBudget", "abdre-redis")),
    (
        "budgets_let_one_go_and_not_all",
        "for nobody",
        lambda p: p.spec("PodDisruptionBudget", AUTH)["selector"]["matchLabels"].update(
            {"app.kubernetes.io/name": "au"}
        ),
    ),
    ("pods_of_one_kind_stand_apart", "none", lambda p: p.pod(AUTH).pop("topologySpreadConstraints")),
    (
        "pods_of_one_kind_stand_apart",
        "a label twice",
        lambda p: p.pod(AUTH)["topologySpreadConstraints"][0]["labelSelector"].update(
            matchLabels={"app.kubernetes.io/name": "auth"}
        ),
    ),
    ("the_quota_holds_everybody_at_their_most", "too many pods", lambda p: p.spec(CPU, AUTH).update(maxReplicas=90)),
    (
        "connections_fit_into_postgresql",
        "too many from the roles",
        lambda p: p.data("common").update(ABDRE_DATABASE_POOL="64"),
    ),
    (
        "connections_fit_into_postgresql",
        "too many from the pooler",
        lambda p: p.spec("Pooler", "abdre-postgres-pooler")["pgbouncer"]["parameters"].update(default_pool_size="100"),
    ),
    (
        "connections_fit_into_postgresql",
        "too many without a pooler",
        lambda p: (p.remove("Pooler", "abdre-postgres-pooler"), p.data("common").update(ABDRE_DATABASE_POOL="16")),
    ),
    ("roles_know_of_the_pooler", "not told", lambda p: p.data("common").pop("ABDRE_DATABASE_PGBOUNCER")),
    ("roles_know_of_the_pooler", "not there", lambda p: p.remove("Pooler", "abdre-postgres-pooler")),
    (
        "no_pod_goes_before_another_is_there",
        "one goes first",
        lambda p: p.spec("Deployment", AUTH)["strategy"]["rollingUpdate"].update(maxUnavailable=1),
    ),
    ("no_pod_goes_before_another_is_there", "all go first", lambda p: p.spec("Deployment", AUTH).update(strategy={})),
    ("pods_have_time_to_stop", "no pause", lambda p: p.container(AUTH).pop("lifecycle")),
    ("pods_have_time_to_stop", "too little", lambda p: p.pod(AUTH).update(terminationGracePeriodSeconds=45)),
    ("pods_have_time_to_stop", "a longer drain", lambda p: p.data("common").update(ABDRE_DRAIN_S="60")),
    ("people_with_sockets_are_sent_away_slowly", "at once", lambda p: p.spec(CPU, REALTIME).pop("behavior")),
    (
        "people_with_sockets_are_sent_away_slowly",
        "half of them",
        lambda p: p.spec(CPU, "abdre-gateway")["behavior"]["scaleDown"]["policies"][0].update(type="Percent", value=50),
    ),
    (
        "backups_fit_on_their_volume",
        "kept for ever",
        lambda p: p.container("backup", "CronJob")["args"].remove("--keep"),
    ),
    (
        "backups_fit_on_their_volume",
        "more than fit",
        lambda p: p.spec("PersistentVolumeClaim", "files")["resources"]["requests"].update(storage="200Gi"),
    ),
    ("schedules_are_times", "bad cron", lambda p: p.spec("CronJob", "backup").update(schedule="61 3 * * *")),
    ("schedules_are_times", "six fields", lambda p: p.spec("CronJob", "backup").update(schedule="0 17 3 * * *")),
    (
        "schedules_are_times",
        "five fields",
        lambda p: p.spec("ScheduledBackup", "abdre-postgres").update(schedule="40 2 * * *"),
    ),
    (
        "networks_are_networks",
        "bad CIDR",
        lambda p: p.spec("NetworkPolicy", "oauth")["egress"][-1]["to"][0]["ipBlock"].update(cidr="0.0.0.0/33"),
    ),
    (
        "networks_are_networks",
        "takes out what is not in it",
        lambda p: p.spec("NetworkPolicy", "oauth")["egress"][-1]["to"][1]["ipBlock"].update({"except": ["10.0.0.0/8"]}),
    ),
    (
        "networks_are_networks",
        "of the mesh",
        lambda p: p.spec("NetworkAuthentication", "without-proxy").update(networks=[{"cidr": "10.0.0.1/8"}]),
    ),
    (
        "routes_lead_to_services",
        "no such port",
        lambda p: p.spec("HTTPRoute", "abdre")["rules"][0]["backendRefs"][0].update(port=80),
    ),
    (
        "routes_lead_to_services",
        "no such service",
        lambda p: p.spec("Ingress", "abdre")["rules"][0]["http"]["paths"][0]["backend"]["service"].update(
            name="gateway"
        ),
    ),
    (
        "routes_hang_on_a_listener",
        "no such listener",
        lambda p: p.spec("HTTPRoute", "abdre")["parentRefs"][0].update(sectionName="tls"),
    ),
    (
        "people_come_by_the_name_that_is_served",
        "another name",
        lambda p: p.spec("Gateway", "abdre")["listeners"][1].update(hostname="chat.example.com"),
    ),
    ("the_mesh_guards_what_exists", "no such port", lambda p: p.remove("Server", "oauth")),
    (
        "the_mesh_guards_what_exists",
        "no such account",
        lambda p: p.spec("MeshTLSAuthentication", "gateway")["identityRefs"][0].update(name="gateway"),
    ),
    (
        "kinds_of_others_have_their_shape",
        "misspelt",
        lambda p: p.spec("Gateway", "abdre").update(gatewayClass=p.spec("Gateway", "abdre").pop("gatewayClassName")),
    ),
    (
        "kinds_of_others_have_their_shape",
        "another type",
        lambda p: p.spec("Cluster", "abdre-postgres").update(instances="3"),
    ),
    (
        "kinds_of_others_have_their_shape",
        "another word",
        lambda p: p.spec("Pooler", "abdre-postgres-pooler")["pgbouncer"].update(poolMode="transactions"),
    ),
]


@pytest.mark.parametrize(("title", "what", "plant"), PLANTED, ids=[f"{title}: {what}" for title, what, _ in PLANTED])
def test_a_planted_error_is_found(title: str, what: str, plant: Callable[[Plant], object]):
    own = Plant()
    sound = list(RULES[title](Manifests(own.documents)))

    plant(own)

    assert set(RULES[title](Manifests(own.documents))) - set(sound)


def test_every_rule_is_tried_on_an_error():
    assert {title for title, *_ in PLANTED} == set(RULES)


def test_secrets_are_made_as_the_rules_believe(made_secrets: dict[str, Document]):
    by_script = {name: set(secret["data"]) for name, secret in made_secrets.items()}
    by_operator = {
        secret["spec"]["target"]["name"]: {entry["secretKey"] for entry in secret["spec"]["data"]}
        for secret in house("prod").all_of("ExternalSecret")
    }

    assert by_script == by_operator == SECRETS
