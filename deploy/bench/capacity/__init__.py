"""What each role costs for one unit of work, with one and with two processes; and what that foretells.

`python -m deploy.bench.capacity`: twelve minutes on a quiet machine. Writes deploy/bench/capacity.json, from which
abdre/docs/scale.md takes its figures.
"""
