"""The doctor where the settings do not even load: then there is no Django to run a command by."""

import importlib
import json
import os
import sys
from argparse import ArgumentParser

from abdre.doctor import environment
from abdre.doctor.findings import Finding

DEFAULT = "abdre.settings.all_in_one"


def examine_settings(arguments: list[str]) -> None:
    """Return where they load; else say what is wrong, and end with 1."""
    parser = ArgumentParser(add_help=False)
    parser.add_argument("--settings", default=os.environ.get("DJANGO_SETTINGS_MODULE", DEFAULT))
    parser.add_argument("--json", action="store_true")
    told, _ = parser.parse_known_args(arguments)
    try:
        importlib.import_module(told.settings)
    except Exception as problem:  # noqa: BLE001  # whatever it is, the role does not start, and this is what says so
        wrong = Finding(
            "settings",
            "wrong",
            f"{told.settings} does not load: {str(problem).rstrip('.')}",
            "The role does not start before this is put right; there may be more behind it",
        )
        _say([*environment.look(os.environ), wrong], role=told.settings, as_json=told.json)
        sys.exit(1)


def _say(findings: list[Finding], *, role: str, as_json: bool) -> None:
    told = {"role": role, "looked_at": ["environment", "settings"], "found": as_rows(findings)}
    text = json.dumps(told, indent=1, ensure_ascii=False) if as_json else "\n".join(map(str, findings))
    sys.stdout.write(f"{text}\n")


def as_rows(findings: list[Finding]) -> list[dict[str, str]]:
    return [dict(finding._asdict()) for finding in findings]
