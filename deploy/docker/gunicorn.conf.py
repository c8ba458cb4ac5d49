"""How gunicorn runs the HTTP roles: ASGI workers, their number by WEB_CONCURRENCY, the port by the role."""

import asyncio
import logging
import signal
import sys
from typing import Any

import django
from django.conf import settings
from django.utils.module_loading import import_string
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger as GunicornLogger
from uvicorn_worker import UvicornWorker

from abdre import jobs
from abdre.leaving import REST_S, Server
from abdre.metrics import listener as metrics_listener

django.setup()  # a wrong or missing setting ends the master here, with the variable's name


class Logger(GunicornLogger):
    """gunicorn's lines in the form of all others."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class Worker(UvicornWorker):
    """uvicorn as every other process of ours has it."""

    CONFIG_KWARGS: dict[str, Any] = {**import_string(settings.SERVER_OPTIONS), "lifespan": "on"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        logging.getLogger("uvicorn.error").propagate = True

    async def _serve(self) -> None:
        self.config.app = self.wsgi
        server = Server(self.config)
        # What the master sends when it is told a second time: SIGINT after SIGTERM.
        asyncio.get_running_loop().add_signal_handler(signal.SIGQUIT, server.handle_exit, signal.SIGQUIT, None)
        await server.serve(sockets=self.sockets)
        if not server.started:
            sys.exit(Arbiter.WORKER_BOOT_ERROR)


def on_starting(server: Any) -> None:
    """The master shows what all workers count, also while one is being replaced."""
    server.metrics_listener = metrics_listener.lead()


def post_fork(server: Any, worker: Any) -> None:
    if server.metrics_listener is not None:
        server.metrics_listener.server_close()


bind = f"0.0.0.0:{settings.PORT}"
worker_class = Worker
logger_class = Logger
# The heartbeat file must not wait for a disk, and the root file system is read-only.
worker_tmp_dir = "/dev/shm"
control_socket_disable = True
# As long as its slowest worker may take (abdre/leaving.py), and the jobs at hand after that.
graceful_timeout = int(settings.DRAIN_S + REST_S + jobs.STOP_WITHIN_S) + 5
