"""How the services are, told to staff and to nobody else."""

from django.test import AsyncClient

from gateway_svc.tests.conftest import ADA, Services, html, person

WELL = {"status": "ok", "checks": {"database": "ok"}}


def staff(services: Services, *, is_staff: bool) -> None:
    services.answer("user", "GET", "/api/users/me", {**person(ADA), "is_staff": is_staff})


async def test_staff_see_each_service_and_what_it_lacks(ada: AsyncClient, services: Services) -> None:
    staff(services, is_staff=True)
    for name in ("auth", "user", "realtime"):
        services.answer(name, "GET", "/readyz", WELL)
    services.answer("chat", "GET", "/readyz", {"checks": {"database": "no answer", "redis": "ok"}}, status=503)
    services.away("oauth")

    page = html(await ada.get("/status"))

    assert page.count(">ready<") == 3
    assert page.count(">not ready<") == page.count(">away<") == 1
    assert "database: no answer" in page
    assert "redis: ok" not in page


async def test_for_others_there_is_no_such_page_and_no_service_is_asked(ada: AsyncClient, services: Services) -> None:
    staff(services, is_staff=False)

    assert (await ada.get("/status")).status_code == 404
    assert [asked for asked in services.asked if asked.path == "/readyz"] == []


async def test_a_stranger_is_sent_to_the_login(stranger: AsyncClient) -> None:
    assert (await stranger.get("/status"))["Location"] == "/login?next=%2Fstatus"
