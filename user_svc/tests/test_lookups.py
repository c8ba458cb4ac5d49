"""Many people are asked for with one parameter, and with the same answer as ever."""

from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from user_svc.models import User
from user_svc.services import create_guest

pytestmark = pytest.mark.django_db


def test_ids_find_their_rows_and_nothing_else():
    ada, bob = create_guest(display_name="Ada"), create_guest(display_name="Bob")
    create_guest(display_name="Eve")

    found = User.objects.filter(id__in=[ada.id, bob.id, uuid4(), ada.id])

    assert set(found) == {ada, bob}
    assert set(User.objects.filter(id__in=[str(bob.id)])) == {bob}
    assert set(User.objects.filter(id__in=found.values("id"))) == {ada, bob}
    assert set(User.objects.exclude(Q(id__in=[ada.id]))) == set(User.objects.filter(~Q(id=ada.id)))
    assert not User.objects.filter(id__in=[])


@pytest.mark.postgres
def test_a_thousand_ids_are_one_parameter():
    with CaptureQueriesContext(
        connection,
    ) as asked:
        list(User.objects.filter(id__in=[uuid4() for _ in range(1000)]))

    assert " = ANY('{" in asked.captured_queries[0]["sql"]
