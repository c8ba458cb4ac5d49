"""How many pods there are, and whether there is room for them: autoscalers, budgets, spread, quota, connections."""

from collections import Counter
from collections.abc import Iterator

from deploy.tests.manifests.house import Document, Manifests, template_of
from deploy.tests.manifests.network import matches
from deploy.tests.manifests.rules.names import containers, name, pods_of
from deploy.tests.manifests.rules.quantities import quantity
from deploy.tests.manifests.rules.rule import rule

# What deploy/k8s/README.md asks of a PostgreSQL of one's own.
MAX_CONNECTIONS = 400
# For the migrate Job, the backup, and whoever looks after the database.
KEPT_FREE = 10


def scalers_of(house: Manifests, workload: Document) -> list[Document]:
    return [
        scaler
        for scaler in house.all_of("HorizontalPodAutoscaler")
        if name(workload) == "{kind} {name}".format(**scaler["spec"]["scaleTargetRef"])
    ]


def fewest_pods(house: Manifests, workload: Document) -> int:
    scalers = scalers_of(house, workload)
    return int(scalers[0]["spec"]["minReplicas"] if scalers else workload["spec"].get("replicas", 1))


def most_pods(house: Manifests, workload: Document) -> int:
    """While it rolls as well."""
    if workload["kind"] == "CronJob":  # never two at once; one that is suspended is started by hand, in place of others
        return 0 if workload["spec"].get("suspend") else 1
    scalers = scalers_of(house, workload)
    most = scalers[0]["spec"]["maxReplicas"] if scalers else workload["spec"].get("replicas", 1)
    surge = workload["spec"].get("strategy", {}).get("rollingUpdate", {}).get("maxSurge", 0)
    return int(most + surge)


@rule
def autoscalers_lead_from_few_to_more(house: Manifests) -> Iterator[str]:
    targets = {name(document) for document in house.all_of("Deployment")}
    for scaler in house.all_of("HorizontalPodAutoscaler"):
        spec = scaler["spec"]
        if "{kind} {name}".format(**spec["scaleTargetRef"]) not in targets:
            yield f"{name(scaler)} scales {spec['scaleTargetRef']['name']}, which is not there"
        if not 1 <= spec["minReplicas"] <= spec["maxReplicas"]:
            yield f"{name(scaler)} goes from {spec['minReplicas']} to {spec['maxReplicas']}"


@rule
def one_alone_decides_how_many(house: Manifests) -> Iterator[str]:
    """A number in the Deployment would undo the autoscaler's with every release."""
    for document in house.all_of("Deployment"):
        deciding = len(scalers_of(house, document)) + ("replicas" in document["spec"])
        if deciding != 1:
            yield f"{name(document)}: {deciding} decide how many pods there are"


@rule
def budgets_let_one_go_and_not_all(house: Manifests) -> Iterator[str]:
    for document in house.all_of("Deployment", "StatefulSet"):
        fewest = fewest_pods(house, document)
        labels = template_of(document)["metadata"]["labels"]
        budgets = [
            budget for budget in house.all_of("PodDisruptionBudget") if matches(budget["spec"]["selector"], labels)
        ]
        if len(budgets) > 1 or (not budgets and fewest > 1):
            yield f"{name(document)} has {len(budgets)} budgets"
        for budget in budgets:
            spec = budget["spec"]
            going = spec["maxUnavailable"] if "maxUnavailable" in spec else fewest - spec["minAvailable"]
            if going < 1 or (fewest > 1 and going >= fewest):
                yield f"{name(budget)}: of {fewest} pods {going} may go"
    for budget in house.all_of("PodDisruptionBudget"):
        if not pods_of(house, budget["spec"]["selector"]):
            yield f"{name(budget)} is for nobody"


@rule
def pods_of_one_kind_stand_apart(house: Manifests) -> Iterator[str]:
    for document in house.all_of("Deployment", "StatefulSet"):
        template = template_of(document)
        spreads = template["spec"].get("topologySpreadConstraints", [])
        over = {one["topologyKey"] for one in spreads if matches(one["labelSelector"], template["metadata"]["labels"])}
        wanted = {"kubernetes.io/hostname", "topology.kubernetes.io/zone"}
        if fewest_pods(house, document) > 1 and over != wanted:
            yield f"{name(document)} is spread over {sorted(over)}"
        for one in spreads:
            if set(one.get("matchLabelKeys", [])) & one["labelSelector"].get("matchLabels", {}).keys():
                yield f"{name(document)}: a label is named twice, which a cluster refuses"


@rule
def the_quota_holds_everybody_at_their_most(house: Manifests) -> Iterator[str]:
    (quota,) = house.all_of("ResourceQuota")
    taken: Counter[str] = Counter()
    for count, resources in _all_containers(house):
        for bound in ("requests", "limits"):
            for what, text in resources[bound].items():
                taken[f"{bound}.{what}"] += count * quantity(text)  # type: ignore[assignment]
    taken["pods"] = sum(most_pods(house, document) for document, _ in house.templates())
    for what, most in quota["spec"]["hard"].items():
        if taken[what] > quantity(most):
            yield f"{what}: {taken[what]:.0f} of {most}"


def _all_containers(house: Manifests) -> Iterator[tuple[int, Document]]:
    for document, template in house.templates():
        for container in containers(template["spec"]):
            yield most_pods(house, document), container["resources"]
    for cluster in house.all_of("Cluster"):
        yield cluster["spec"]["instances"], cluster["spec"]["resources"]


@rule
def connections_fit_into_postgresql(house: Manifests) -> Iterator[str]:
    wanted = sum(_connections(house, document) for document in house.all_of("Deployment"))
    poolers = house.all_of("Pooler")
    if not poolers and wanted > MAX_CONNECTIONS - KEPT_FREE:
        yield f"the roles hold up to {wanted} connections"
    for pooler in poolers:
        spec, parameters = pooler["spec"], pooler["spec"]["pgbouncer"]["parameters"]
        (cluster,) = [one for one in house.all_of("Cluster") if one["metadata"]["name"] == spec["cluster"]["name"]]
        if wanted > int(parameters["max_client_conn"]):
            yield f"the roles hold up to {wanted} connections to {name(pooler)}"
        held = spec["instances"] * int(parameters["default_pool_size"])
        if held > int(cluster["spec"]["postgresql"]["parameters"]["max_connections"]) - KEPT_FREE:
            yield f"{name(pooler)} holds up to {held} connections"


@rule
def roles_know_of_the_pooler(house: Manifests) -> Iterator[str]:
    """What they believe of a connection does not hold behind one."""
    told = house.one("ConfigMap", "common")["data"].get("ABDRE_DATABASE_PGBOUNCER", "false") == "true"
    if told != bool(house.all_of("Pooler")):
        yield f"ABDRE_DATABASE_PGBOUNCER is {told}, poolers are {house.all_of('Pooler') != []}"


def _connections(house: Manifests, document: Document) -> int:
    role = document["metadata"]["name"].removeprefix("abdre-")
    environment = house.environment(role)
    return most_pods(house, document) * int(environment["ABDRE_DATABASE_POOL"]) if role != "gateway" else 0
