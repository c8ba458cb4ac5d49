"""Steps of migrations that hold up nobody: on both databases they end in the same schema, and may be repeated."""

from contextlib import contextmanager

import pytest
from django.db import connection, models
from django.db.migrations import Migration, operations
from django.db.migrations.state import ProjectState

from abdre.online_schema import AddConstraintNotValid, AddIndexConcurrently, RemoveIndexConcurrently, ValidateConstraint

TABLE = "abdre_planted"
ADULT = models.CheckConstraint(condition=models.Q(age__gte=18), name="planted_adult")
INDEX = models.Index(fields=["age"], name="planted_by_age")

pytestmark = pytest.mark.django_db(transaction=True)


def migration(*planted, atomic=True):
    return type("Planted", (Migration,), {"operations": list(planted), "atomic": atomic})("9999_planted", "abdre")


def run(state, planted, *, back=False):
    """The state after, or with `back` the schema before."""
    with connection.schema_editor(atomic=planted.atomic) as editor:
        return planted.unapply(state, editor) if back else planted.apply(state.clone(), editor)


@contextmanager
def a_table():
    made = migration(
        operations.CreateModel(
            "Planted",
            [("id", models.BigAutoField(primary_key=True)), ("age", models.IntegerField())],
            options={"db_table": TABLE},
        )
    )
    state = run(ProjectState(), made)
    try:
        yield state
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE {TABLE}")


def indexes_and_checks():
    with connection.cursor() as cursor:
        return {name for name in connection.introspection.get_constraints(cursor, TABLE) if name.startswith("planted_")}


def execute(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_an_index_comes_and_goes_and_each_way_back():
    with a_table() as state:
        add, remove = (
            migration(step, atomic=False)
            for step in (AddIndexConcurrently("planted", INDEX), RemoveIndexConcurrently("planted", INDEX.name))
        )
        with_index = run(state, add)
        assert indexes_and_checks() == {INDEX.name}
        run(with_index, remove)
        assert indexes_and_checks() == set()
        run(with_index, remove, back=True)
        assert indexes_and_checks() == {INDEX.name}
        run(state, add, back=True)
        assert indexes_and_checks() == set()


def test_a_constraint_comes_in_two_steps():
    with a_table() as state:
        checked = run(state, migration(AddConstraintNotValid("planted", ADULT)))
        run(checked, migration(ValidateConstraint("planted", ADULT.name), atomic=False))

        assert indexes_and_checks() == {ADULT.name}


@pytest.mark.postgres
def test_rows_of_before_are_looked_at_in_the_second_step_alone():
    with a_table() as state:
        execute("INSERT INTO abdre_planted (age) VALUES (7)")
        checked = run(state, migration(AddConstraintNotValid("planted", ADULT)))
        with pytest.raises(Exception, match="planted_adult"):
            execute("INSERT INTO abdre_planted (age) VALUES (8)")
        with pytest.raises(Exception, match="planted_adult"):
            run(checked, migration(ValidateConstraint("planted", ADULT.name), atomic=False))


@pytest.mark.postgres
def test_an_index_that_was_broken_off_is_built_anew():
    with a_table() as state:
        unique = f"CREATE UNIQUE INDEX CONCURRENTLY {INDEX.name} ON {TABLE} (age)"
        execute("INSERT INTO abdre_planted (age) VALUES (7), (7)")
        with pytest.raises(Exception, match="could not create unique index"):
            execute(unique)

        run(state, migration(AddIndexConcurrently("planted", INDEX), atomic=False))

        with connection.cursor() as cursor:
            cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = %s::regclass", [INDEX.name])
            assert cursor.fetchall() == [(True,)]
