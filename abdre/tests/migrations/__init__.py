"""Migrations of a table that only `test_migrate` has."""
