"""Which roles a change rolls: those that would import, render or serve something else than before.

`python -m deploy.ci.rollout --changed FILE…`, or `--since COMMIT`, prints them as JSON, for the pipelines; `--table`
what a change of each part of the tree means; `--write` puts that into deploy/README.md, where a test holds it to this.
"""

import argparse
import json
import re
import subprocess
from collections import deque
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import grimp

from deploy.ci.graph import JOBS
from deploy.ci.jobs import ROOT
from deploy.ci.role_settings import PODS, settings
from deploy.ci.stack import settings_of

APPS = ["abdre", "user_svc", "chat_svc", "auth_svc", "oauth_svc", "realtime_svc", "gateway_svc"]
EVERYBODY = [*PODS, *JOBS]
# Each job is a command of the image, under the settings of a role with tables.
COMMANDS = {"migrate": ["migrate", "grant_app_role"], "backup": ["backup"]}
JOBS_ARE = "chat"
STATIC_FILES = "abdre.static_files.StaticFiles"
# What Django, or we, import by the name that stands in a setting, whatever the code says of it.
NAMED_IN_SETTINGS = [
    *("ROOT_URLCONF", "ASGI_FRONT", "WEBSOCKET_ROUTES", "SERVER_OPTIONS", "REFUSED", "CSRF_FAILURE_VIEW", "PERIODIC"),
    *("MIDDLEWARE", "REST_FRAMEWORK", "STORAGES", "CHANNEL_LAYERS", "PASSWORD_HASHERS", "AUTH_PASSWORD_VALIDATORS"),
    *("TASKS", "LOGGING_CONFIG", "TEMPLATES", "DATABASE_ROUTERS"),
]
# By these names allauth finds parts of ours, once one of its own parts is used.
ADAPTERS = {"allauth.mfa": "MFA_ADAPTER", "allauth.socialaccount": "SOCIALACCOUNT_ADAPTER"}
SETTING = re.compile(r"\bsettings\.([A-Z][A-Z_]+)")
PAGE = ROOT / "deploy/README.md"
TABLE = re.compile(r"^\| changed \| rolls \|\n(?:\|.*\n)*\|.*$", re.MULTILINE)
# In the image, and read by nobody who runs there.
OF_NO_ROLE = re.compile(
    r"(^|/)tests/|\.md$|^(deploy/(?!docker/)|\.(?!dockerignore))|^(Makefile|pyproject\.toml|package.*\.json|requirements-.*)$"
)


@cache
def imports() -> grimp.ImportGraph:
    return grimp.build_graph(*APPS, exclude_type_checking_imports=True)


@cache
def reached(role: str) -> frozenset[str]:
    """The modules that a role imports: at its start, in the middle of a function, or by a name in its settings."""
    found: set[str] = set()
    waiting = deque(_roots(role))
    while waiting:
        module = waiting.popleft()
        if module in found or module not in imports().modules:
            continue
        found.add(module)
        waiting += imports().find_modules_directly_imported_by(module)
        waiting.append(module.rpartition(".")[0])  # a package begins before what is in it
        waiting += _named_by(module, role)
    return frozenset(found)


def _roots(role: str) -> Iterator[str]:
    facts = settings(JOBS_ARE if role in JOBS else role)
    yield settings_of(JOBS_ARE if role in JOBS else role)
    for app in facts["INSTALLED_APPS"]:
        yield from (app, f"{app}.apps", f"{app}.models")
        yield from (module for module in imports().modules if module.startswith(f"{app}.templatetags."))
    yield from (f"{database['ENGINE']}.base" for database in facts["DATABASES"].values())
    if role in JOBS:
        installed = [app for app in APPS if app in facts["INSTALLED_APPS"]]
        yield from (f"{app}.management.commands.{name}" for app in installed for name in COMMANDS[role])
        return
    yield from ("abdre.asgi", "abdre.server")
    for name in NAMED_IN_SETTINGS:
        yield from _modules_in(facts.get(name))
    if facts["DOES_JOBS"]:
        own = (module for module in imports().modules if ".tests" not in module)
        yield from (module for module in own if "\n@task(" in _source(module))


def _named_by(module: str, role: str) -> Iterator[str]:
    """`import_string(settings.PEER_VISIBILITY)`: a higher fact, handed down (abdre/docs/architecture.md)."""
    if module.startswith("abdre.settings"):
        return
    facts = settings(JOBS_ARE if role in JOBS else role)
    names = SETTING.findall(_source(module)) + [name for part, name in ADAPTERS.items() if part in _source(module)]
    for name in names:
        yield from _modules_in(facts.get(name))


def _modules_in(value: Any) -> Iterator[str]:
    """Modules of ours that texts somewhere in a setting name, or the things in them."""
    if isinstance(value, str):
        name = value
        while name.partition(".")[0] in APPS:
            if name in imports().modules:
                yield name
                return
            name = name.rpartition(".")[0]
    elif isinstance(value, dict):
        yield from _modules_in(list(value.values()))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _modules_in(inner)


@cache
def _source(module: str) -> str:
    path = ROOT / module.replace(".", "/")
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return file.read_text() if file.exists() else ""


@cache
def folders_rendered(role: str) -> frozenset[str]:
    """Those of templates/ that a role's code takes pages or letters from; names are put together, folders are not."""
    folders = [folder.name for folder in (ROOT / "templates").iterdir() if folder.is_dir()]
    code = "".join(map(_source, reached(role)))
    return frozenset(folder for folder in folders if re.search(rf"""["']{folder}/[\w{{]""", code))


def roles_for(file: str) -> set[str]:
    """Whoever rolls if `file` changes. What is not known rolls everybody."""
    top, _, rest = file.partition("/")
    if OF_NO_ROLE.search(file):
        return set()
    if top == "static":
        return {role for role in PODS if STATIC_FILES in settings(role)["ASGI_FRONT"]}
    if top == "templates":
        return _renderers(rest.partition("/")[0])
    if file.startswith("abdre/locale/"):
        return set(PODS)
    if "/migrations/" in file:
        return {"migrate"}
    if top in APPS and file.endswith(".py"):
        return _importers(file)
    return set(EVERYBODY)


def _renderers(folder: str) -> set[str]:
    """What no code takes from is what pages, or pages and letters, are made of."""
    direct = {role for role in PODS if folder in folders_rendered(role)}
    return direct or {role for role in PODS if folders_rendered(role)}


def _importers(file: str) -> set[str]:
    module = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    if module in imports().modules:
        return {role for role in EVERYBODY if module in reached(role)}
    # It is gone, and whoever used it has changed too; or it was never there.
    return set()


def rollout(files: Iterable[str]) -> list[str]:
    roles: set[str] = set().union(*map(roles_for, files))
    return [role for role in EVERYBODY if role in roles]


def changed_since(commit: str) -> list[str]:
    """Everything, where nobody knows of that commit (any more)."""
    changed = ["git", "diff", "--name-only", commit, "HEAD"]
    done = subprocess.run(changed, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def table() -> str:
    """Parts of the tree that roll alike are told together."""
    rows = [*_rows_of_apps(), *((f"`{part}`", roles_for(file)) for part, file in OTHER_PARTS.items())]
    lines = ["| changed | rolls |", "|---|---|"]
    return "\n".join([*lines, *(f"| {part} | {_told(roles)} |" for part, roles in rows)])


OTHER_PARTS = {
    "*/migrations/": "chat_svc/migrations/0001_initial.py",
    **{
        f"templates/{folder}": f"templates/{folder}"
        for folder in ("base.html", "components/", "pages/", "admin/", "mail/")
    },
    "static/": "static/js/main.js",
    "abdre/locale/": "abdre/locale/kk/LC_MESSAGES/django.mo",
    "requirements.txt, deploy/docker/": "requirements.txt",
    "tests, documents, the rest of deploy/": "deploy/README.md",
}


def _rows_of_apps() -> Iterator[tuple[str, set[str]]]:
    """Of each app what rolls fewer roles than the rest of it."""
    for app in APPS:
        alike: dict[frozenset[str], list[str]] = {}
        for word in sorted({module.split(".")[1] for module in imports().modules if module.startswith(f"{app}.")}):
            if roles := _rolled_by(f"{app}.{word}"):
                alike.setdefault(roles, []).append(word)
        *fewer, (most, _) = sorted(alike.items(), key=lambda entry: len(entry[0]))
        for roles, words in fewer:
            yield f"`{app}/`: {', '.join(words)}", set(roles)
        yield f"`{app}/`{', everything else' if fewer else ''}", set(most)


def _rolled_by(package: str) -> frozenset[str]:
    inside = [module for module in imports().modules if f"{module}.".startswith(f"{package}.")]
    roles = frozenset(role for role in EVERYBODY if not reached(role).isdisjoint(inside))
    return frozenset(EVERYBODY) if roles >= set(PODS) else roles


def _told(roles: set[str]) -> str:
    if roles == set(EVERYBODY):
        return "all"
    if roles == set(PODS):
        return "all but the Jobs"
    if roles == set(EVERYBODY) - {"gateway"}:
        return "all but gateway"
    return ", ".join(role for role in EVERYBODY if role in roles) or "nobody"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument("--changed", nargs="*", metavar="FILE", help="as `git diff --name-only` has them")
    group.add_argument("--since", metavar="COMMIT", help="what has changed from there to HEAD")
    group.add_argument("--table", action="store_true", help="in Markdown")
    group.add_argument("--write", action="store_true", help="into deploy/README.md")
    options = parser.parse_args()
    if options.write:
        PAGE.write_text(TABLE.sub(lambda _: table(), PAGE.read_text()))
    elif options.table:
        print(table())
    else:
        print(json.dumps(rollout(changed_since(options.since) if options.changed is None else options.changed)))


if __name__ == "__main__":
    main()
