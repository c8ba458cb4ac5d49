"""Search, the list of chats and history at a million messages: `python -m deploy.bench.reading` runs it alone.

Seeds a PostgreSQL of its own by `manage.py seed_demo` and asks the API in process, without a network between.
"""
