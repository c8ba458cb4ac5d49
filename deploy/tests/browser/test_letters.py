"""What is done by a link in a letter: an address confirmed, a password forgotten; and what else changes a login."""

from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from deploy.tests.browser import deeds
from deploy.tests.mailbox import Mailbox

pytestmark = pytest.mark.split

CONFIRM = "Confirm your e-mail address"
RESET = "Choose a new password"
ANOTHER = "quite another one, long"


def a_member(page: Page) -> str:
    """Whose address is not confirmed yet; the address, which begins with the user name."""
    name = f"ada-{uuid4().hex[:8]}"
    email = f"{name}@example.org"
    deeds.register(page, username=name, email=email, next_path="/profile")
    return email


def confirm(page: Page, mailbox: Mailbox, email: str) -> None:
    page.goto(mailbox.path(email, CONFIRM))
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="Your address is confirmed")).to_be_visible()


def test_who_registers_confirms_the_address_by_the_letters_link_on_any_device(
    desktop: Page, phone: Page, mailbox: Mailbox
):
    email = a_member(desktop)
    expect(desktop.get_by_text(f"We have written to {email}")).to_be_visible()
    desktop.get_by_role("link", name="Go on").click()
    desktop.wait_for_url("**/profile")
    link = mailbox.path(email, CONFIRM)

    phone.goto(link)
    expect(phone.get_by_text(f"{email} belongs to the account {email.partition('@')[0]}")).to_be_visible()
    desktop.goto("/security")
    expect(desktop.get_by_text(f"{email}, not confirmed yet")).to_be_visible()
    phone.get_by_role("button", name="Confirm").click()

    expect(phone.get_by_role("heading", name="Your address is confirmed")).to_be_visible()
    desktop.reload()
    expect(desktop.get_by_text(email, exact=True)).to_be_visible()
    phone.goto(link)
    expect(phone.get_by_role("heading", name="Your address was confirmed already")).to_be_visible()


def test_the_letter_comes_again_from_the_page_about_security(desktop: Page, mailbox: Mailbox):
    email = a_member(desktop)

    desktop.goto("/security")
    desktop.get_by_role("button", name="Send the letter again").click()

    expect(desktop.get_by_text(f"We have written to {email}")).to_be_visible()
    expect(desktop.get_by_text("One more letter is on its way")).to_be_visible()
    assert mailbox.letter(email, CONFIRM, number=2)


def test_a_forgotten_password_is_replaced_and_logs_out_everywhere(desktop: Page, phone: Page, mailbox: Mailbox):
    email = a_member(desktop)
    confirm(desktop, mailbox, email)

    phone.goto("/login")
    phone.get_by_role("link", name="Forgot your password?").click()
    phone.get_by_label("E-mail").fill(email)
    phone.get_by_role("button", name="Send me a letter").click()
    expect(phone.get_by_role("heading", name="Please look into your mail")).to_be_visible()
    phone.goto(mailbox.path(email, RESET))
    phone.get_by_label("New password").fill("short")
    phone.get_by_role("button", name="Save").click()
    expect(phone.locator(".field__error")).to_be_visible()
    phone.get_by_label("New password").fill(ANOTHER)
    phone.get_by_role("button", name="Save").click()
    expect(phone.get_by_role("heading", name="Your new password is set")).to_be_visible()

    desktop.goto("/security")
    desktop.wait_for_url("**/login?next=*")
    deeds.give_password(desktop, email)
    expect(desktop.get_by_role("alert")).to_contain_text("not right")
    phone.get_by_role("link", name="Log in").last.click()
    deeds.give_password(phone, email, ANOTHER)
    phone.wait_for_url(deeds.CHATS)
    assert mailbox.letter(email, "Your password was changed")


def test_a_changed_password_logs_out_the_other_devices_only(desktop: Page, phone: Page, mailbox: Mailbox):
    email = a_member(desktop)
    deeds.log_in(phone, email.partition("@")[0])

    desktop.goto("/security/password")
    desktop.get_by_label("Your current password").fill(deeds.PASSWORD)
    desktop.get_by_label("New password").fill(ANOTHER)
    desktop.get_by_role("button", name="Save").click()
    expect(desktop.get_by_text("Your new password is set")).to_be_visible()

    phone.goto("/security")
    phone.wait_for_url("**/login?next=*")


def test_another_address_takes_the_place_of_the_first_when_it_is_confirmed(desktop: Page, mailbox: Mailbox):
    email = a_member(desktop)
    confirm(desktop, mailbox, email)

    desktop.goto("/security/email")
    desktop.get_by_label("E-mail").fill(f"new-{email}")
    desktop.get_by_role("button", name="Send me a letter").click()
    expect(desktop.get_by_text(f"We have written to new-{email}")).to_be_visible()
    expect(desktop.get_by_text(f"{email} is confirmed")).to_be_visible()
    confirm(desktop, mailbox, f"new-{email}")

    desktop.goto("/security/email")
    expect(desktop.get_by_text(f"new-{email} is confirmed")).to_be_visible()
    assert mailbox.letter(email, "The e-mail address of your account was changed")
