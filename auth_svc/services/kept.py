"""What of signing in is kept for a time."""

from abdre.retention import always, rows
from auth_svc.models.exports import KEPT as EXPORT_KEPT
from auth_svc.services import client_errors, devices, exports, recovery, sessions

KEPT = [
    rows("Sessions that are over", always(sessions.LIFETIME), sessions.old_sessions, sessions.forget_old_sessions),
    rows("Archives that people asked for", always(EXPORT_KEPT), exports.old_exports, exports.forget_exports),
    rows(
        "Errors in browsers",
        always(client_errors.KEPT_FOR),
        client_errors.old_client_errors,
        client_errors.forget_client_errors,
    ),
    rows(
        "Links to move a guest that are over",
        always(recovery.KEPT),
        recovery.old_recovery_links,
        recovery.forget_recovery_links,
    ),
    rows("Codes of devices that are over", always(devices.KEPT), devices.old_device_codes, devices.forget_device_codes),
]
