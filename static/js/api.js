/** Asks the server's HTTP API as the person whose cookies the browser holds. */

/** An answer in the contract's error shape, or no answer at all (status 0). */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} message
   */
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/**
 * @param {string} path
 * @returns {Promise<any>}
 */
export function get(path) {
  return request("GET", path);
}

/**
 * @param {string} path
 * @param {object} [body]
 * @param {RequestInit} [options] `keepalive`: the request outlives the page
 * @returns {Promise<any>}
 */
export function post(path, body = {}, options = {}) {
  return request("POST", path, body, options);
}

/**
 * @param {string} path
 * @param {object} [body]
 * @param {RequestInit} [options]
 */
export function put(path, body = {}, options = {}) {
  return request("PUT", path, body, options);
}

/**
 * @param {string} path
 * @param {RequestInit} [options]
 */
export function remove(path, options = {}) {
  return request("DELETE", path, {}, options);
}

/**
 * A part of a file, as it is.
 *
 * @param {string} path
 * @param {Blob} bytes
 * @param {{ offset: number, signal: AbortSignal }} options `offset`: where in the file it stands
 * @returns {Promise<any>}
 */
export function sendPart(path, bytes, { offset, signal }) {
  const headers = { "Content-Type": "application/octet-stream", "Upload-Offset": String(offset) };
  return answered(path, { method: "PATCH", body: bytes, signal, headers: { ...writing(), ...headers } });
}

/**
 * @param {string} method
 * @param {string} path
 * @param {object} [body]
 * @param {RequestInit} [options]
 */
function request(method, path, body, options = {}) {
  const headers = { Accept: "application/json", ...(body && writing()) };
  return answered(path, { ...options, method, headers, body: body && JSON.stringify(body) });
}

/**
 * @param {string} path
 * @param {RequestInit} sent
 */
async function answered(path, sent) {
  const response = await fetch(path, sent).catch(() => {
    throw new ApiError(0, "offline", "");
  });
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw new ApiError(response.status, answer?.error?.code ?? "unknown", answer?.error?.message ?? "");
  return answer;
}

function writing() {
  return { "Content-Type": "application/json", "X-CSRFToken": csrfToken() };
}

/** The cookie is newer than the page: signing in changes the token while the page stands. */
function csrfToken() {
  const cookie = document.cookie.split("; ").find((pair) => pair.startsWith("csrftoken="));
  const meta = /** @type {HTMLMetaElement | null} */ (document.querySelector('meta[name="csrf-token"]'));
  return cookie?.slice("csrftoken=".length) ?? meta?.content ?? "";
}
