/** Reports errors to the server. A script of its own, before `main.js`: what that one imports may be what fails. */

import { post } from "./api.js";
import { ErrorReporter, withoutLink } from "./error_report.js";

const reporter = new ErrorReporter(location.origin, (report) => {
  const page = { page: withoutLink(location.pathname), version: meta("version"), request_id: meta("request-id") };
  // Whoever leaves because the page is broken has reported it all the same.
  return post("/api/auth/client-errors", { ...report, ...page }, { keepalive: true });
});

/** @param {string} name */
function meta(name) {
  return /** @type {HTMLMetaElement | null} */ (document.querySelector(`meta[name="${name}"]`))?.content ?? "";
}

// Errors of elements do not bubble.
window.addEventListener("error", (event) => reporter.note(event), { capture: true });
window.addEventListener("unhandledrejection", (event) => reporter.note(event));
