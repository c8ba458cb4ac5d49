"""What `make check` says of migrations: each rule catches what it is for, and lets the way round it pass."""

import pytest
from django.db import connection, models
from django.db.migrations import Migration, RunPython, RunSQL, operations
from django.db.migrations.loader import MigrationLoader
from django.db.models.functions import Now, Random

from abdre.online_schema import AddConstraintNotValid, AddIndexConcurrently, ValidateConstraint
from deploy.ci import migrations as linter
from deploy.ci.migration_rules import problems, step

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]

LIVELY = models.CheckConstraint(condition=models.Q(last_seq__gte=0), name="lively")
SEEN = models.UniqueConstraint(fields=["last_seq"], condition=models.Q(last_seq=7), name="one_seventh")
INDEX = models.Index(fields=["last_seq"], name="by_last_seq")
MADE = operations.CreateModel("Made", [("last_seq", models.IntegerField())])
FOREIGN = models.ForeignKey("chat_svc.Chat", null=True, on_delete=models.CASCADE, related_name="+")
CONTRACT = "5c5618ac9a990f76afc6a534451d98adf51f638e"


def add(name, field):
    return operations.AddField("chat", name, field)


def nothing(apps, schema_editor): ...


@pytest.fixture(scope="module")
def state(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        return MigrationLoader(connection).project_state()


@pytest.fixture
def rules(state):
    """The rules that a migration with such operations breaks."""

    def of(*planted, atomic=True, contract_after=""):
        body = {"operations": list(planted), "atomic": atomic, "contract_after": contract_after}
        migration = type("Planted", (Migration,), body)("9999_planted", "chat_svc")
        return {problem.rule for problem in problems([step(migration, state, connection)])}

    return of


@pytest.mark.parametrize(
    ("rule", "planted", "atomic"),
    [
        ("require-concurrent-index-creation", operations.AddIndex("chat", INDEX), True),
        ("require-concurrent-index-creation", operations.AddConstraint("chat", SEEN), True),
        ("constraint-missing-not-valid", operations.AddConstraint("chat", LIVELY), True),
        ("adding-foreign-key-constraint", add("origin", FOREIGN), True),
        ("adding-field-with-default", add("luck", models.FloatField(db_default=Random())), True),
        ("adding-required-field", RunSQL("ALTER TABLE chat_svc_chat ADD COLUMN luck integer NOT NULL"), True),
        ("ban-drop-default", add("luck", models.IntegerField(default=7)), True),
        ("changing-column-type", operations.AlterField("chat", "last_seq", models.TextField()), True),
        ("renaming-column", operations.RenameField("chat", "last_seq", "newest"), True),
        ("renaming-table", operations.RenameModel("Chat", "Room"), True),
        ("ban-drop-column", operations.RemoveField("chat", "last_seq"), True),
        ("ban-drop-table", operations.DeleteModel("Reminder"), True),
        ("narrows", operations.AddConstraint("chat", LIVELY), True),
        ("narrows", operations.AlterField("chat", "title", models.CharField(max_length=3)), True),
        ("one-transaction", RunPython(nothing), True),
        ("one-transaction", RunSQL("UPDATE chat_svc_chat SET last_seq = 0"), True),
        ("lock-outside", AddConstraintNotValid("chat", LIVELY), False),
        ("lock-outside", add("luck", models.IntegerField(null=True)), False),
    ],
)
def test_a_planted_error_is_caught(rules, rule, planted, atomic):
    assert rule in rules(planted, atomic=atomic)


def test_rows_and_schema_do_not_mix(rules):
    assert rules(RunPython(nothing), add("luck", models.IntegerField(null=True)), atomic=False) >= {"mixes"}


def test_a_column_that_may_be_empty_until_now_is_narrowed(rules, state):
    field = state.models["chat_svc", "chat"].get_field("expires_at")
    assert field.null
    assert "narrows" in rules(operations.AlterField("chat", "expires_at", models.DateTimeField()))


@pytest.mark.parametrize(
    ("planted", "atomic"),
    [
        ([MADE, operations.AddIndex("made", INDEX), operations.AddConstraint("made", LIVELY)], True),
        ([add("luck", models.IntegerField(null=True))], True),
        ([add("luck", models.IntegerField(default=7, db_default=7))], True),
        ([add("since", models.DateTimeField(db_default=Now()))], True),
        ([operations.AlterField("chat", "title", models.CharField(max_length=999))], True),
        pytest.param([AddIndexConcurrently("chat", INDEX)], False, marks=pytest.mark.django_db(transaction=True)),
        ([ValidateConstraint("chat", "lively")], False),
        ([RunPython(nothing)], False),
        ([RunSQL("UPDATE chat_svc_chat SET last_seq = 0 WHERE last_seq < 0")], False),
    ],
)
def test_what_holds_up_nobody_passes(rules, planted, atomic):
    assert rules(*planted, atomic=atomic) == set()


def test_a_column_that_a_check_calls_never_empty_may_be_not_null(rules):
    planted = operations.AlterField("chat", "expires_at", models.DateTimeField())
    assert rules(planted, contract_after=CONTRACT) == {"adding-not-nullable-field"}

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE chat_svc_chat ADD CONSTRAINT ends CHECK (expires_at IS NOT NULL) NOT VALID")
        assert rules(planted, contract_after=CONTRACT) == {"adding-not-nullable-field"}
        cursor.execute("ALTER TABLE chat_svc_chat VALIDATE CONSTRAINT ends")

    assert rules(planted, contract_after=CONTRACT) == set()


@pytest.mark.parametrize("planted", [operations.RemoveField("chat", "last_seq"), AddConstraintNotValid("chat", LIVELY)])
def test_what_nobody_needs_any_more_may_go(rules, planted):
    assert rules(planted, contract_after=CONTRACT) == set()


def test_no_note_allows_a_lock(rules):
    assert rules(operations.AddIndex("chat", INDEX), contract_after=CONTRACT) == {"require-concurrent-index-creation"}


def test_a_note_is_founded_on_what_the_last_release_has():
    def noted(commit):
        planted = type("Planted", (Migration,), {"contract_after": commit})("9999_planted", "chat_svc")
        return [problem.rule for problem in linter.unfounded(planted)]

    assert noted(linter.previous_release()) == []
    assert noted("0" * 40) == ["contract-too-soon"]


def test_what_was_released_stays_as_it_is(monkeypatch):
    lines = [
        "A\tchat_svc/migrations/0099_new.py",
        "M\tchat_svc/migrations/0001.py",
        "D\tuser_svc/migrations/0002.py",
    ]
    monkeypatch.setattr(linter, "git", lambda *_: "\n".join(lines))

    assert [problem.migration for problem in linter.changed()] == [line.split("\t")[1] for line in lines[1:]]
