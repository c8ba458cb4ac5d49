"""What is written about the protocol is what the code does."""

import re
from pathlib import Path

import pytest
from django.conf import settings

import abdre
from realtime_svc.protocol import limits
from realtime_svc.protocol.codes import REASONS, Close
from realtime_svc.tests.client import SCHEMA

PROSE = (Path(abdre.__file__).parent / "docs" / "protocol.md").read_text()


def test_the_table_of_close_codes_is_whole() -> None:
    rows = re.findall(r"^\| (4\d{3}) \| ([a-z ]+) \|", PROSE, re.MULTILINE)

    assert [(int(code), reason) for code, reason in rows] == [(code.value, REASONS[code]) for code in Close]


def test_the_rule_of_close_codes_holds() -> None:
    come_back = {code for code in Close if code < 4500}

    assert come_back == {Close.TRY_AGAIN, Close.GOING_AWAY, Close.TOO_SLOW, Close.TOO_FAST}


def types_of(part: str) -> list[str]:
    found = []
    for reference in SCHEMA["$defs"][part]["oneOf"]:
        kind = SCHEMA["$defs"][reference["$ref"].removeprefix("#/$defs/")]["properties"]["type"]
        found += kind.get("enum", [kind.get("const")])
    return found


@pytest.mark.parametrize("kind", types_of("clientFrame") + types_of("item"))
def test_every_type_in_the_schema_is_explained(kind: str) -> None:
    last = kind.rpartition(".")[2]

    assert f"`{kind}`" in PROSE or f'"{kind}"' in PROSE or f"`.{last}`" in PROSE


def test_the_limits_are_those_written() -> None:
    assert f"{limits.FRAME_LIMIT_CHARS // 1024} KiB" in PROSE
    assert f"{settings.COMMANDS_PER_S} a second, {settings.COMMANDS_PER_S * limits.BURST_S} at once" in PROSE
    assert f"{limits.SOCKETS_AT_FULL_PACE} times as many" in PROSE
    assert f"once more for every {limits.COMMAND_CHARS:,} characters" in PROSE
    assert f"{limits.RESUME_LIMIT_PER_CALL:,} or {limits.RESUME_LIMIT_BYTES // 2**20} MiB in all" in PROSE
    assert f"after {limits.WARNINGS} of those" in PROSE
    assert f"{limits.RESUME_LIMIT_CHATS:,} chats a call" in PROSE
    assert f"Up to {limits.SENDS_UNDER_WAY} sends" in re.sub(r"\s+", " ", PROSE)
    assert limits.FRAME_HARD_LIMIT_BYTES == 1024 * 1024
    assert f"{limits.OUTBOX_LIMIT_BYTES // 1024} KiB; then typing" in PROSE
