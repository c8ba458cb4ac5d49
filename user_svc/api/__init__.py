"""/api/users/: people, oneself, whom one blocks."""
