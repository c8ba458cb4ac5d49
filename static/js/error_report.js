/** Says of an error what helps to find it, once, and nothing of foreign scripts; the server cuts what is private. */

// A page that fails over and over has been heard by then.
const MOST_REPORTS = 5;
// The server takes no more.
const LENGTHS = { message: 500, file: 300, stack: 4_000 };
/** The first place that a stack names. */
const PLACE = /([a-z-]+:\/\/[^\s()@]+?):(\d+):(\d+)/;
// Of a file that is missing as a whole.
const WHOLE = { line: 0, column: 0, stack: "" };

/** @typedef {{ message: string, file: string, line: number, column: number, stack: string }} ErrorReport */

export class ErrorReporter {
  #told = new Set();
  #origin;
  #tell;

  /**
   * @param {string} origin of our own scripts
   * @param {(report: ErrorReport) => Promise<unknown>} tell
   */
  constructor(origin, tell) {
    this.#origin = origin;
    this.#tell = tell;
  }

  /** @param {Event} event `error`, of the window or of an element that could not be loaded, or `unhandledrejection` */
  note(event) {
    try {
      const report = reportOf(event, this.#origin);
      const kind = report && `${report.message} ${report.file}:${report.line}`;
      if (!report || this.#told.has(kind) || this.#told.size >= MOST_REPORTS) return;
      this.#told.add(kind);
      this.#tell(report).catch(() => {});
    } catch {
      // What fails in here must not come here again; a thing that was thrown may refuse to say what it is.
    }
  }
}

/**
 * @param {any} event
 * @param {string} origin
 * @returns {ErrorReport | null}
 */
function reportOf(event, origin) {
  const { message, file: url, stack, ...place } = described(event);
  const isOurs = url.startsWith(`${origin}/`);
  // A rejection may name no place at all. Other errors without one are foreign scripts', of which browsers say nothing.
  if (!isOurs && (url || event.type === "error")) return null;
  const file = withoutLink(url.slice(origin.length)).slice(0, LENGTHS.file);
  const text = withoutLink(message).slice(0, LENGTHS.message) || "unknown";
  return { message: text, file, ...place, stack: withoutLink(stack).slice(0, LENGTHS.stack) };
}

/**
 * @param {any} event
 * @returns {ErrorReport}
 */
function described({ type, reason, target, message, filename, lineno, colno, error }) {
  if (type === "unhandledrejection") {
    const stack = String(reason?.stack ?? "");
    const [, file = "", line = 0, column = 0] = stack.match(PLACE) ?? [];
    return { message: String(reason), file, line: Number(line), column: Number(column), stack };
  }
  if (target?.localName) return { ...WHOLE, message: "could not be loaded", file: fileOf(target) };
  return { message, file: filename, line: lineno, column: colno, stack: String(error?.stack ?? "") };
}

/** @param {any} element pictures may be missing; without a script or a style the page is another */
function fileOf(element) {
  return { script: element.src, link: element.href }[String(element.localName)] ?? "";
}

/**
 * A link to join opens a chat, so it stays where it is.
 *
 * @param {string} text
 */
export function withoutLink(text) {
  return text.replace(/(\/join\/)[^/\s?#"')]+/g, "$1***");
}
