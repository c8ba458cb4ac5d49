"""A text that was looked up once is still that of whoever reads it."""

import pytest
from django.template import engines
from django.utils.translation import override


@pytest.mark.parametrize(
    ("template", "texts"),
    [
        ('{% translate "Delete" %}', {"en": "Delete", "ru": "Удалить"}),
        ('{% trans "Delete" %}', {"en": "Delete", "ru": "Удалить"}),
        ('{% translate "Delete" noop %}', {"en": "Delete", "ru": "Delete"}),
        ('{% translate "Delete" as text %}[{{ text }}]', {"en": "[Delete]", "ru": "[Удалить]"}),
        ('{% translate "Delete"|upper %}', {"en": "DELETE", "ru": "УДАЛИТЬ"}),
        ("{% translate word %}", {"en": "Delete", "ru": "Удалить"}),
        ('{% translate "100%" %}', {"en": "100%", "ru": "100%"}),
        ('{% translate "<b>" %}', {"en": "<b>", "ru": "<b>"}),
    ],
)
def test_a_text_is_in_the_language_of_each_reader(template: str, texts: dict[str, str]):
    page = engines["django"].from_string("{% load i18n %}" + template)
    for language in ("en", "ru", "en", "ru"):
        with override(language):
            assert page.render({"word": "Delete"}) == texts[language]


def test_a_variable_is_looked_up_each_time():
    page = engines["django"].from_string("{% load i18n %}{% translate word %}")
    assert [page.render({"word": word}) for word in ("Delete", "<b>")] == ["Delete", "&lt;b&gt;"]
