/** Hears who asks to be let in, on any page, and shows them where a host can answer. */

import { get } from "./api.js";

/** @param {import("./page.js").Page} page */
export function watchKnocks(page) {
  const load = async () => (await import("./knock_list.js")).knockList();
  page.on("invitation.waiting", async (item) => (await load())?.add(/** @type {any} */ (item)));
  page.on("knock.ended", async (item) => (await load())?.remove(item.invitation, item.user));
  // What was asked before this page listened, or while it was away.
  const look = async () => {
    const answer = await get("/api/auth/knocks").catch(() => null);
    if (answer && (answer.items.length > 0 || document.querySelector(".knock"))) (await load())?.replace(answer.items);
  };
  page.on("hello", () => setTimeout(look, page.connection.calmMs));
}
