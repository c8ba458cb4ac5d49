"""Static files under names that carry a hash of their content, made in memory from the apps' own folders.

Nothing has to be collected before a start: each process names a file when it is first asked for, and keeps it.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple, cast
from urllib.parse import urlsplit, urlunsplit

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import HashedFilesMixin, StaticFilesStorage, staticfiles_storage
from django.contrib.staticfiles.utils import matches_patterns
from django.core.files.base import ContentFile
from django.core.files.storage import Storage

COMMENT = ("*", "/*", "//")
OURS = ("js/", "css/")  # what others wrote goes out as they wrote it, with their licences
COMMENT_LINES = re.compile(r"^[ \t]*(?:/\*(?:[^*]|\*(?!/))*\*/|//[^\n]*)[ \t]*$", re.MULTILINE)


class HashedFile(NamedTuple):
    name: str
    content: bytes  # what it refers to stands there by hashed names too


class HashedStorage(HashedFilesMixin, StaticFilesStorage):
    """Names and references as Django's ManifestStaticFilesStorage makes them; it needs a folder and `collectstatic`."""

    support_js_module_import_aggregation = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sources = _sources()
        self.hashed_files = _Names(self)
        self._files: dict[str, HashedFile] = {}
        self._urls: dict[str, str] = {}

    def url(self, name: str, force: bool = False) -> str:  # type: ignore[override]  # of the mixin, which comes first
        # Under DEBUG Django would give plain names, and pages would be tried in another way than they are used.
        if name not in self._urls:  # a page asks for the address of its icons hundreds of times
            self._urls[name] = super().url(name, force=True)
        return self._urls[name]

    def file(self, name: str, asked_by: tuple[str, ...] = ()) -> HashedFile:
        """Raises ValueError where it, or one that it refers to, is not there."""
        if name in asked_by:
            raise ValueError(f"Who refers to each other in a circle has no hash: {' > '.join((*asked_by, name))}")
        if name not in self._files:
            content = self._rewritten(name, (*asked_by, name))
            self._files[name] = HashedFile(self.hashed_name(name, ContentFile(content)), content)
        return self._files[name]

    def _rewritten(self, name: str, asked_by: tuple[str, ...]) -> bytes:
        if name not in self.sources:
            raise ValueError(f"No such static file: {' > '.join(asked_by)}")
        storage, path = self.sources[name]
        with storage.open(path) as file:
            content: bytes = file.read()
        if name.startswith(OURS):
            content = _without_comments(content.decode()).encode()
        for extension, patterns in self._patterns.items():  # type: ignore[attr-defined]  # `patterns`, compiled
            if matches_patterns(name, (extension,)):
                text = content.decode()
                for pattern, template in patterns:
                    convert = self.url_converter(name, _Names(self, asked_by), template)
                    text = pattern.sub(lambda match, convert=convert: _unless_a_type(match, convert), text)
                content = text.encode()
        return content

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        """For `collectstatic`, which an edge that serves the files itself may want; we do not need it."""
        for name in () if dry_run else paths:
            file = self.file(name)
            if not self.exists(file.name):
                self.save(file.name, ContentFile(file.content))
            yield name, file.name, True


class _Names(dict[str, str]):
    """In the place of Django's dictionary of hashed names: each is made when it is asked for."""

    def __init__(self, storage: HashedStorage, asked_by: tuple[str, ...] = ()) -> None:
        super().__init__()
        self._storage = storage
        self._asked_by = asked_by

    def get(self, name: str, default: Any = None) -> str:
        parts = urlsplit(name)  # fonts are asked for with a query
        return urlunsplit(parts._replace(path=self._storage.file(parts.path.strip(), self._asked_by).name))


def _without_comments(text: str) -> str:
    """A third of what a phone would load; what is left stands on its line, as reports of errors name it."""
    return COMMENT_LINES.sub(lambda comment: "\n" * comment[0].count("\n"), text)


def _unless_a_type(match: re.Match[str], convert: Any) -> str:
    """`import("./x.js").X` in a comment is no import: types may refer to each other in a circle."""
    line = match.string[match.string.rfind("\n", 0, match.start()) + 1 : match.start()]
    is_a_type = match[0].startswith("import(") and line.lstrip().startswith(COMMENT)
    return match[0] if is_a_type else cast(str, convert(match))


def _sources() -> dict[str, tuple[Storage, str]]:
    """Where each file is: of two with one name the first counts, as everywhere in Django."""
    found: dict[str, tuple[Storage, str]] = {}
    for finder in finders.get_finders():
        for path, storage in finder.list([]):
            found.setdefault(path, (storage, path))
    return found


def storage() -> HashedStorage:
    """The one that `{% static %}` asks."""
    return cast(HashedStorage, staticfiles_storage)
