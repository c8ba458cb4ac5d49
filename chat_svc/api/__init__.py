"""/api/chats/: bodies and queries into arguments, answers into JSON."""
