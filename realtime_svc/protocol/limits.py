"""How much one socket may ask for, and how much may wait for it."""

SUBPROTOCOL = "abdre.v1"
HEARTBEAT_S = 25

# A body of 8,000 characters written as \uXXXX pairs is 96,000 characters long.
FRAME_LIMIT_CHARS = 128 * 1024
# What the server reads at all; beyond it the socket ends with 1009, because the rest of the frame is never read.
FRAME_HARD_LIMIT_BYTES = 1024 * 1024

ATTACHMENTS_LIMIT = 10

RESUME_LIMIT_CHATS = 1_000
RESUME_LIMIT_PER_CHAT = 500
RESUME_LIMIT_PER_CALL = 5_000
# The answer to a resume waits in memory for as long as its reader likes.
RESUME_LIMIT_BYTES = 4 * 1024 * 1024

# At once, a socket may use up what COMMANDS_PER_S (a setting) gives in this time.
BURST_S = 6
# A frame counts as one command more for each of these: a resume of 1,000 chats as some twenty.
COMMAND_CHARS = 2048
# All sockets of one person in this process together may say as much as so many.
SOCKETS_AT_FULL_PACE = 4
WARNINGS = 20

# Sends that wait for their commit; more of them wait in the network instead of in our memory.
SENDS_UNDER_WAY = 32

# With the transport's buffer and the lists around it, a reader that stopped costs less than a megabyte.
OUTBOX_LIMIT_BYTES = 768 * 1024
FRAME_JOIN_BYTES = 64 * 1024

TYPING_EVERY_S = 3
TOKEN_GRACE_S = 10
# Who is let go is asked to wait for a moment of its own, the longest of them this long.
COMES_BACK_WITHIN_S = 2.0
