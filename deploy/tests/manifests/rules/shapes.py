"""What kinds that the cluster itself does not know look like, as far as they are used here.

Their schemas are in no package of Debian or PyPI, so this is ours, from their documentation: it finds a field that is
misspelt, missing or of another type, and says nothing of those that are not used.
"""

from collections.abc import Iterator
from typing import Any

from deploy.tests.manifests.house import Manifests
from deploy.tests.manifests.rules.names import name
from deploy.tests.manifests.rules.rule import rule

# A type; a set of words that may be; a list of one shape; a mapping of fields, with ? behind those that may be missing.
LABELS: Any = {"app.kubernetes.io/name?": str, "app.kubernetes.io/part-of?": str, "abdre/store?": str}
SELECTOR: Any = {"matchLabels?": LABELS, "matchExpressions?": [{"key": str, "operator": {"In"}, "values": [str]}]}
LISTENER: Any = {
    "name": str,
    "port": int,
    "protocol": {"HTTP", "HTTPS"},
    "hostname": str,
    "tls?": {"mode": {"Terminate"}, "certificateRefs": [{"name": str}]},
    "allowedRoutes": {"namespaces": {"from": {"Same", "All"}}},
}
ROUTE_RULE: Any = {
    "matches?": [{"path": {"type": {"PathPrefix", "Exact"}, "value": str}}],
    "filters?": [{"type": {"RequestRedirect"}, "requestRedirect": {"scheme": {"https"}, "statusCode": {301, 302}}}],
    "backendRefs?": [{"name": str, "port": int}],
    "timeouts?": {"request": str},
}
RESOURCES: Any = {bound: {"cpu": str, "memory": str} for bound in ("requests", "limits")}
CLUSTER: Any = {
    "instances": int,
    "imageName": str,
    "inheritedMetadata": {"labels": LABELS},
    "bootstrap": {"initdb": {"database": str, "owner": str, "secret": {"name": str}}},
    "managed": {
        "roles": [
            {"name": str, "ensure": {"present"}, "login": bool, "createrole": bool, "passwordSecret": {"name": str}},
        ]
    },
    "postgresql": {"synchronous": {"method": {"any", "first"}, "number": int}, "parameters": {"max_connections": str}},
    "storage": {"size": str},
    "backup": {"volumeSnapshot": {"online": bool}},
    "affinity": {
        "enablePodAntiAffinity": bool,
        "topologyKey": str,
        "podAntiAffinityType": {"preferred", "required"},
    },
    "priorityClassName": str,
    "resources": RESOURCES,
}
POOLER: Any = {
    "cluster": {"name": str},
    "instances": int,
    "type": {"rw", "ro"},
    "pgbouncer": {
        "poolMode": {"transaction", "session"},
        "parameters": {
            "max_client_conn": str,
            "default_pool_size": str,
            "query_wait_timeout": str,
            "server_login_retry": str,
        },
    },
    "template": {"metadata": {"labels": LABELS}, "spec": {"containers": [dict], "priorityClassName": str}},
}
BACKUP: Any = {
    "schedule": str,
    "method": {"volumeSnapshot", "barmanObjectStore", "plugin"},
    "backupOwnerReference": {"self", "cluster", "none"},
    "cluster": {"name": str},
}
EXTERNAL_SECRET: Any = {
    "refreshInterval": str,
    "secretStoreRef": {"kind": {"ClusterSecretStore", "SecretStore"}, "name": str},
    "target": {"name": str, "creationPolicy": {"Owner"}, "template?": {"type": str}},
    "data": [{"secretKey": str, "remoteRef": {"key": str, "property": str}}],
}
MONITOR: Any = {
    "selector": SELECTOR,
    "jobLabel": str,
    "podMetricsEndpoints": [
        {
            "port": str,
            "path": str,
            "interval": str,
            "honorLabels": bool,
            "relabelings": [{"sourceLabels": [str], "targetLabel": str}],
        }
    ],
}
LINKERD: Any = {"group": {"policy.linkerd.io"}, "kind": str, "name": str}

SHAPES: dict[str, Any] = {
    "gateway.networking.k8s.io/v1 Gateway": {"gatewayClassName": str, "listeners": [LISTENER]},
    "gateway.networking.k8s.io/v1 HTTPRoute": {
        "parentRefs": [{"name": str, "sectionName": str}],
        "rules": [ROUTE_RULE],
    },
    "postgresql.cnpg.io/v1 Cluster": CLUSTER,
    "postgresql.cnpg.io/v1 Pooler": POOLER,
    "postgresql.cnpg.io/v1 ScheduledBackup": BACKUP,
    "external-secrets.io/v1 ExternalSecret": EXTERNAL_SECRET,
    "monitoring.coreos.com/v1 PodMonitor": MONITOR,
    "policy.linkerd.io/v1beta3 Server": {"podSelector": SELECTOR, "port": str, "proxyProtocol": {"HTTP/1", "HTTP/2"}},
    "policy.linkerd.io/v1alpha1 AuthorizationPolicy": {"targetRef": LINKERD, "requiredAuthenticationRefs": [LINKERD]},
    "policy.linkerd.io/v1alpha1 MeshTLSAuthentication": {"identityRefs": [{"kind": {"ServiceAccount"}, "name": str}]},
    "policy.linkerd.io/v1alpha1 NetworkAuthentication": {"networks": [{"cidr": str}]},
}
# By this a kind of somebody else's is known: the cluster's own groups have no dot, or end so.
OWN_GROUP = ".k8s.io"
THEIR_GROUPS = {key.partition("/")[0] for key in SHAPES}


def is_foreign(api_version: str) -> bool:
    group = api_version.partition("/")[0]
    return group in THEIR_GROUPS or ("." in group and not group.endswith(OWN_GROUP))


@rule
def kinds_of_others_have_their_shape(house: Manifests) -> Iterator[str]:
    for document in house.documents:
        if is_foreign(document["apiVersion"]):
            shape = SHAPES.get(f"{document['apiVersion']} {document['kind']}")
            if shape is None:
                yield f"{name(document)}: {document['apiVersion']} is not known"
            else:
                yield from (f"{name(document)}: {wrong}" for wrong in _wrong(document["spec"], shape, "spec"))


def _wrong(value: Any, shape: Any, where: str) -> Iterator[str]:
    if isinstance(shape, dict):
        yield from _wrong_fields(value, shape, where) if isinstance(value, dict) else [f"{where} is no mapping"]
    elif isinstance(shape, list):
        for number, inner in enumerate(value if isinstance(value, list) else [None]):
            yield from _wrong(inner, shape[0], f"{where}[{number}]")
    elif isinstance(shape, set):
        if value not in shape:
            yield f"{where} is {value!r}"
    elif not isinstance(value, shape) or (shape is int and isinstance(value, bool)):
        yield f"{where} is {value!r}, not {shape.__name__}"


def _wrong_fields(value: dict[str, Any], shape: dict[str, Any], where: str) -> Iterator[str]:
    fields = {key.removesuffix("?"): inner for key, inner in shape.items()}
    for unknown in value.keys() - fields.keys():
        yield f"{where}.{unknown} is unknown"
    for missing in {key for key in shape if not key.endswith("?")} - value.keys():
        yield f"{where}.{missing} is missing"
    for key in value.keys() & fields.keys():
        yield from _wrong(value[key], fields[key], f"{where}.{key}")
