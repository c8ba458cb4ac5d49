/** Waits to be let in: goes on when there is news, by the server's page, which knows where to. */

import { get } from "./api.js";

/**
 * @param {HTMLElement} section
 * @param {import("./page.js").Page} page
 */
export function startWaiting(section, page) {
  const id = section.dataset.invitation ?? "";
  const goOn = () => location.reload();
  page.on("knock.ended", (item) => item.invitation === id && goOn());
  page.on("chat.created", goOn);
  page.on("hello", async () => {
    const answer = await get(`/api/auth/invitations/${id}/knock`).catch(() => null);
    if (answer && answer.state !== "waiting") goOn();
  });
}
