"""The bytes of what people send: what they are, images made anew, and where they are kept."""
