"""Backups: a folder with the database at one moment, the files and a manifest, made and put back by commands."""
