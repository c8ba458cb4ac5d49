/** The page of somebody who has just been banned: nothing of the house is left on it but the reason. */

import { loadSheet } from "./sheet.js";
import { say } from "./strings.js";

/**
 * @param {string} reason what staff said; empty where the page was not told
 * @param {string} sheet the style's address
 */
export async function showClosed(reason, sheet) {
  const title = say("closed.title");
  const page = document.createElement("main");
  page.className = "account-closed";
  page.tabIndex = -1;
  page.append(part("h1", title));
  if (reason) page.append(part("p", say("closed.reason", { reason }), "account-closed__reason"));
  const home = part("a", say("closed.home"), "button");
  home.setAttribute("href", "/");
  page.append(home);
  await loadSheet(sheet).catch(() => {}); // it is read without, too
  document.title = title;
  document.body.replaceChildren(page);
  page.focus();
}

/**
 * @param {string} name
 * @param {string} text
 * @param {string} [className]
 */
function part(name, text, className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}
