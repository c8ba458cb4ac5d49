/** Loads a style sheet that the page has named and not loaded, since most never need it. */

/** @param {string} href @returns {Promise<unknown>} */
export function loadSheet(href) {
  if (document.querySelector(`link[href="${CSS.escape(href)}"]`)) return Promise.resolve();
  const sheet = document.createElement("link");
  return new Promise((resolve, reject) => {
    Object.assign(sheet, { rel: "stylesheet", href, onload: resolve });
    sheet.onerror = () => reject(new Error(`no style at ${href}`));
    document.head.append(sheet);
  });
}
