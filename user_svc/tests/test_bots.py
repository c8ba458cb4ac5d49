"""Bots: programs under names of their own, which are found like people and log in like nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from user_svc import presence, selectors, services
from user_svc.errors import BotNotFound, UsernameTaken
from user_svc.models import User

if TYPE_CHECKING:
    from pytest_django import Settings


@pytest.fixture
def ada(db: None) -> User:
    return services.create_member(username="ada", password=None)


@pytest.fixture
def bot(ada: User) -> User:
    return services.create_bot(owner_id=ada.id, username="helper", display_name="Helper")


def test_a_bot_says_that_it_is_one_and_people_say_nothing(ada: User, bot: User):
    assert selectors.user_json(bot)["is_bot"] is True
    assert "is_bot" not in selectors.user_json(ada)


def test_a_bot_is_its_owners_alone(ada: User, bot: User):
    assert selectors.bots_of(ada.id) == [bot]
    assert selectors.bot_by_id(bot.id, owner_id=ada.id) == bot
    with pytest.raises(BotNotFound):
        selectors.bot_by_id(bot.id, owner_id=uuid4())


def test_a_bot_has_a_name_that_nobody_else_has(ada: User):
    with pytest.raises(UsernameTaken):
        services.create_bot(owner_id=ada.id, username="Ada", display_name="Helper")


def test_a_bot_has_no_password_to_log_in_by(bot: User):
    assert not bot.has_usable_password()
    assert selectors.user_by_login("helper") is None


def test_bots_are_found_but_not_those_of_webhooks(bot: User):
    hooks = services.create_bot(owner_id=None, display_name="Helper of a hook")

    assert selectors.search("helper", asked_by=bot.id) == [bot]
    assert selectors.may_be_added(bot)
    assert not selectors.may_be_added(hooks)


def test_nobody_is_told_whether_a_bot_is_there(settings: Settings, bot: User, ada: User):
    settings.PEER_VISIBILITY = "user_svc.tests.test_bots.everybody"
    presence.arrive([bot.id, ada.id], held=[], holder="test")

    assert set(selectors.presence_of(user_ids=[bot.id, ada.id], asked_by=ada.id)) == {str(ada.id)}


def everybody(user_id, candidates):
    return set(candidates)


@pytest.mark.parametrize("facts", [{"is_guest": True, "username": None}, {"is_staff": True}, {"is_bot": False}])
def test_what_a_bot_cannot_be(bot: User, facts: dict):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(id=bot.id).update(**facts)
