"""What of people is kept for a time."""

from abdre.retention import always, rows
from user_svc.services.notices import SEEN_KEPT, forget_seen_staff_notices, old_staff_notices

KEPT = [
    rows("Notices from the staff, once seen", always(SEEN_KEPT), old_staff_notices, forget_seen_staff_notices),
]
