"""Every page of the admin at a million messages: `python -m deploy.bench.admin` runs it alone.

Seeds a PostgreSQL of its own, and opens each list and each row's page as an administrator and as a moderator, in this
process, without a network between.
"""
