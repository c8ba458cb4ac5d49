"""Administrators set what may not be said in the whole house; each change of a rule is one entry of the log."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chat_svc.errors import InvalidRule, RuleKnown, RuleNotFound, TooManyRules
from chat_svc.filtering import (
    PATTERNS_LIMIT,
    RULES_LIMIT,
    TEXT_LIMIT,
    BadRule,
    FilterAction,
    FilterKind,
    Rule,
    Rules,
    Verdict,
    check_rule,
)
from chat_svc.models import Deed, FilterRule, Right
from chat_svc.selectors.filtering import current_rules, forget_rules
from chat_svc.services.moderation.log import note
from chat_svc.services.moderation.staff import Staff, require_right

RULE_LIMIT = TEXT_LIMIT


def add_rule(*, by: Staff, kind: str, text: str, action: str, guests_only: bool = False) -> FilterRule:
    """Raises NotStaff, InvalidRule, RuleKnown, TooManyRules."""
    require_right(by, Right.SET_RULES)
    with transaction.atomic():
        _one_at_a_time()
        row = _checked(FilterRule(kind=kind, text=text.strip(), action=action, guests_only=guests_only))
        _save(row)
        note(by, Deed.RULE_ADDED, target_id=row.id, **_told(row))
    return row


def change_rule(*, by: Staff, rule_id: UUID, kind: str, text: str, action: str, guests_only: bool) -> FilterRule:
    """Raises NotStaff, RuleNotFound, InvalidRule, RuleKnown."""
    require_right(by, Right.SET_RULES)
    with transaction.atomic():
        _one_at_a_time()
        row = _found(rule_id)
        row.kind, row.text, row.action, row.guests_only = kind, text.strip(), action, guests_only
        _checked(row)
        _save(row)
        note(by, Deed.RULE_CHANGED, target_id=row.id, **_told(row))
    return row


def remove_rule(*, by: Staff, rule_id: UUID) -> None:
    """Raises NotStaff, RuleNotFound."""
    require_right(by, Right.SET_RULES)
    with transaction.atomic():
        row = _found(rule_id)
        row.removed_at = timezone.now()
        _save(row)
        note(by, Deed.RULE_REMOVED, target_id=row.id, **_told(row))


def try_rule(
    *,
    text: str,
    is_guest: bool,
    kind: str = "",
    rule: str = "",
    action: str = "",
    guests_only: bool = False,
    instead_of: UUID | None = None,
) -> Verdict:
    """What would become of `text` by the rules there are, and one more that is not saved, in the place of
    one that is. Raises InvalidRule."""
    rows = [row for row in current_rules() if row.id != instead_of]
    if rule.strip():
        rows.append(_checked(FilterRule(kind=kind, text=rule.strip(), action=action, guests_only=guests_only), rows))
    return Rules([row.rule for row in rows]).judged(text, lambda: is_guest)


def _one_at_a_time() -> None:
    """Each rule is checked together with all others, so nobody adds one meanwhile."""
    FilterRule.objects.select_for_update().order_by("-version").first()


def _found(rule_id: UUID) -> FilterRule:
    row = FilterRule.objects.select_for_update().filter(id=rule_id, removed_at=None).first()
    if row is None:
        raise RuleNotFound
    return row


def _checked(row: FilterRule, others: Sequence[FilterRule] | None = None) -> FilterRule:
    """Raises InvalidRule, TooManyRules."""
    if row.kind not in list(FilterKind):
        raise InvalidRule("kind", _("A word or a pattern."))
    if row.action not in list(FilterAction):
        raise InvalidRule("action", _("One of mask, hold, refuse."))
    if not 1 <= len(row.text) <= TEXT_LIMIT or "\0" in row.text:
        raise InvalidRule("text", _("From 1 to 200 characters."))
    rules = [other.rule for other in (current_rules() if others is None else others) if other.id != row.id]
    _check_together(rules, row.rule)
    return row


def _check_together(rules: Sequence[Rule], one: Rule) -> None:
    """Raises InvalidRule, TooManyRules."""
    patterns = [rule for rule in rules if not rule.is_word]
    if len(rules) >= RULES_LIMIT or (not one.is_word and len(patterns) >= PATTERNS_LIMIT):
        raise TooManyRules
    try:
        check_rule(one)
        Rules([*rules, one])
    except BadRule as problem:
        raise InvalidRule("text", _("This cannot be a rule: %(why)s") % {"why": problem}) from problem


def _save(row: FilterRule) -> None:
    """With the next version, by which all processes see that something has changed. Raises RuleKnown."""
    newest = FilterRule.objects.order_by("-version").values_list("version", flat=True).first()
    row.version, row.changed_at = (newest or 0) + 1, timezone.now()
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as problem:  # the same rule, or another administrator at the same moment
        raise RuleKnown from problem
    transaction.on_commit(forget_rules)


def _told(row: FilterRule) -> dict[str, Any]:
    """For the log, which keeps no words."""
    return {"kind": row.kind, "action": row.action, "guests_only": row.guests_only}
