"""The bench: our realtime against others in one run, as the table of targets asks. `python -m deploy.bench`."""
