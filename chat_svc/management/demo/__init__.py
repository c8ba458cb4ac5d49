"""A town of people who talk: rows in bulk, to try and to measure with, and yet as the use cases make them."""
