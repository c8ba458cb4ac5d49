"""`{% version %}`: which release a page comes from."""

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def version() -> str:
    return str(settings.VERSION)
