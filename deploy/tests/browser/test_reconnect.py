"""A page comes back by itself: when the network does, when the device wakes, when its socket died unnoticed."""

import pytest
from playwright.sync_api import expect

from deploy.tests.browser.conftest import Two
from deploy.tests.browser.deeds import expect_messages, expect_online, fall_asleep, write
from deploy.tests.browser.line import Line

pytestmark = pytest.mark.all_in_one
AN_HOUR_MS = 3_600_000


def test_a_page_without_a_socket_comes_back_as_soon_as_the_network_does(two: Two):
    fall_asleep(two.guest)
    expect(two.guest.locator(".connection").first).to_have_attribute("data-state", "offline")
    write(two.ada, "meanwhile")

    two.guest.context.set_offline(True)
    two.guest.context.set_offline(False)

    expect_online(two.guest)
    expect_messages(two.guest, "meanwhile")


def test_a_socket_that_died_while_the_device_slept_is_replaced_and_nothing_is_missed(two: Two):
    line = Line(two.guest.context)
    two.guest.clock.install()
    two.guest.reload()
    expect_online(two.guest)

    line.lose_answers()
    write(two.ada, "said into the void")
    two.guest.clock.fast_forward(AN_HOUR_MS)
    two.guest.clock.run_for(10_000)

    expect_messages(two.guest, "said into the void")
    assert len(line.sockets) == 2


def test_a_chat_whose_news_are_too_many_to_be_told_is_loaded_anew_and_what_waits_stays(two: Two):
    write(two.ada, "old")
    expect_messages(two.guest, "old")
    line = Line(two.guest.context)
    two.guest.reload()
    expect_online(two.guest)
    chat = two.guest.url.rpartition("/")[2]

    line.lose_answers()
    write(two.guest, "on its way")
    with two.guest.expect_response("**/messages?limit=50"):
        line.say([{"type": "reset", "chat": chat, "version": 1}])

    for page in (two.guest, two.ada):
        expect_messages(page, "old", "on its way")
    line.cut()
    write(two.ada, "new")
    expect_messages(two.guest, "old", "on its way", "new")
