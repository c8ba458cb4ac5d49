"""What pages keep of their visitor is as new as the visitor's last change."""

from deploy.tests.people import Person, Town


async def page(person: Person) -> str:
    answer = await person.get("/chats", Cookie=f"abdre_access={person.token}", Authorization="")
    assert answer.status == 200
    return str(answer.body)


async def test_a_new_name_stands_on_the_very_next_page(town: Town):
    ada = await town.guest("Ada before")
    assert "Ada before" in await page(ada)

    for name in ("Ada after", "Ada at last"):
        await ada.must("PATCH", "/api/users/me", {"display_name": name})

        assert name in await page(ada)
