"""What a browser keeps for when there is no network."""

from django.test import AsyncClient

from gateway_svc.tests.conftest import Services, html


async def test_the_page_for_no_network_needs_nobody(stranger: AsyncClient, services: Services) -> None:
    page = await stranger.get("/offline")

    assert "You are offline" in html(page)
    assert services.asked == []


async def test_the_worker_that_shows_it_answers_for_the_whole_site(stranger: AsyncClient) -> None:
    worker = await stranger.get("/service-worker.js")

    assert worker["Content-Type"] == "text/javascript"
    assert worker["Cache-Control"] == "no-cache"
