"""The promise of the first page, in two real browsers: show a code, scan it, talk."""

from playwright.sync_api import Page, expect

from deploy.tests.browser import deeds


def test_a_host_shows_a_code_and_a_guest_scans_it_and_they_talk(desktop: Page, phone: Page, origin: str):
    deeds.start_a_chat(desktop, "Ada")
    link = deeds.scan(desktop)
    assert link.startswith(f"{origin}/join/")
    assert deeds.scan(desktop, scale=0.5) == link

    phone.goto(link)
    expect(desktop.locator('[data-step="opened"][data-done="true"]')).to_be_visible()
    phone.get_by_label("Your name").fill("Гүлнар 🌷")
    phone.get_by_role("button", name="Join as guest").click()
    phone.wait_for_url(deeds.A_CHAT)
    desktop.wait_for_url(deeds.A_CHAT)  # nobody reloaded it

    said = ["Hello!", "Сәлем! <b>bold</b>", "Where are you?", "At table 4 → https://example.org/menu", "👋"]
    for number, text in enumerate(said):
        speaker, listener = (desktop, phone) if number % 2 == 0 else (phone, desktop)
        deeds.write(speaker, text)
        deeds.expect_messages(listener, *said[: number + 1])
        deeds.expect_messages(speaker, *said[: number + 1])

    phone.reload()
    deeds.expect_messages(phone, *said)
    deeds.write(phone, "still me")
    deeds.expect_messages(desktop, *said, "still me")


def test_a_revoked_code_is_dead(desktop: Page, phone: Page):
    deeds.start_a_chat(desktop, "Ada")
    link = deeds.scan(desktop)

    desktop.get_by_text("Take the code back").click()
    desktop.get_by_role("button", name="Revoke the code").click()
    expect(desktop.locator('[data-step="revoked"]')).to_be_visible()

    answer = phone.goto(link)
    assert answer is not None
    assert answer.status == 410
    expect(phone.locator('[data-state="revoked"]')).to_be_visible()
    expect(phone.get_by_role("button", name="Join as guest")).to_have_count(0)
