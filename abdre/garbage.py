"""How often Python's collector looks for objects that hold each other."""

import gc

# After 700 new objects, as Python has it, it took a third of a busy process's time and found next to nothing: what
# comes and goes in numbers is held to leave no circles behind (realtime_svc/tests/test_garbage.py).
YOUNG = 50_000
# So many rounds of the young ones before the older are looked through, and so many of those before the oldest.
ROUNDS = 10


def look_seldom() -> None:
    """When the process has started: what stands now is never garbage, and is not looked through again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, ROUNDS, ROUNDS)
