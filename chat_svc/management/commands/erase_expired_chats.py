"""Erase temporary chats whose time is over now, and their files, where no process does it by the clock."""

from typing import Any

from django.core.management.base import BaseCommand

from chat_svc.services import erase_dropped_files, erase_expired_chats


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        while some := erase_expired_chats():
            count += some
        while erase_dropped_files():
            pass
        self.stdout.write(f"{count} erased")
