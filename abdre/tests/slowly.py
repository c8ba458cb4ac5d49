"""A job that takes its time, for tests that end its worker meanwhile."""

import time
from pathlib import Path

from django_tasks import task


@task()
def write_slowly(path: str, takes_s: float) -> None:
    with Path(path).open("a") as file:
        file.write("begun ")
        file.flush()
        time.sleep(takes_s)  # what a job does while its worker is told to end
        file.write("done ")
