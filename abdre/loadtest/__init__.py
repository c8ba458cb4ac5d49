"""A load of invented people on a running house, as it comes from outside: `manage.py loadtest`."""
