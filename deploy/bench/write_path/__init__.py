"""The write path beside two others: committed messages a second without holes, one sender's wait, and growth.

`python -m deploy.bench.write_path [--short] [--json FILE]`. Brings its own durable PostgreSQL. The ways take turns, so
that what else the machine does hits all of them; medians of the rounds, with their spread.
"""
