"""Who is kept from writing by moderators reads until when, in place of the composer."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import AsyncClient
from django.utils import timezone

from abdre.wire import utc
from gateway_svc.tests.conftest import CHAT, Services, chat, html

API = f"/api/chats/{CHAT}"


@pytest.fixture
def talk(services: Services) -> Services:
    services.answer("chat", "GET", f"{API}/messages", {"items": [], "has_more": False})
    return services


@pytest.mark.parametrize("days", [0, 3])
async def test_until_when_stands_in_place_of_the_composer(ada: AsyncClient, talk: Services, days: int) -> None:
    until = timezone.now() + timedelta(days=days, minutes=5)
    talk.answer("chat", "GET", API, chat(silenced_until=utc(until)))

    text = html(await ada.get(f"/chats/{CHAT}"))

    assert f"{until:%H:%M}.</p>" in text
    assert "You may not write here until " in text
    assert f'data-silenced-until="{utc(until)}"' in text
    assert '<form class="composer" method="post" enctype="multipart/form-data"' in text
    assert text.split('<form class="composer"')[1].split(">")[0].endswith(" hidden")


@pytest.mark.parametrize("ended", [None, timezone.now() - timedelta(seconds=1)])
async def test_afterwards_they_write(ada: AsyncClient, talk: Services, ended: datetime | None) -> None:
    talk.answer("chat", "GET", API, chat(silenced_until=utc(ended)))

    text = html(await ada.get(f"/chats/{CHAT}"))

    assert "You may not write here until " not in text.split('id="strings"')[0]
    assert not text.split('<form class="composer"')[1].split(">")[0].endswith(" hidden")
