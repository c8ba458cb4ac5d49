/** A line above the page for what was said elsewhere: it leads there, and goes by itself. */

const SHOWN_MS = 6_000;

/** @param {{ chat: string, url: string, title: string, text: string }} told */
export function showNews({ chat, url, title, text }) {
  const place = holder();
  place.querySelector(`[data-chat="${CSS.escape(chat)}"]`)?.remove();
  const line = document.createElement("a");
  line.className = "news-line";
  line.href = url;
  line.dataset.chat = chat;
  for (const [name, words] of [["title", title], ["text", text]]) {
    const part = document.createElement("bdi");
    part.className = `news-line__${name}`;
    part.textContent = words;
    line.append(part);
  }
  place.append(line);
  leave(line);
}

/** While somebody points at it or has come to it by keyboard, it stays. @param {HTMLElement} line */
function leave(line) {
  setTimeout(() => (line.matches(":hover, :focus") ? leave(line) : line.remove()), SHOWN_MS);
}

function holder() {
  const known = /** @type {HTMLElement | null} */ (document.querySelector(".news-lines"));
  if (known) return known;
  const made = document.createElement("div");
  made.className = "news-lines";
  made.setAttribute("role", "status");
  document.body.append(made);
  return made;
}
