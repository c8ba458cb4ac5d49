/** Loads the next page of the list of chats when its end comes into view; without scripts the same is a link. */

import { get } from "./api.js";

/** Asked for a little before the end is seen. */
const AHEAD = "400px";

/**
 * @param {HTMLElement} element the list, with the link at its end
 * @param {{ append(chats: any[], end: HTMLElement): void }} list
 */
export function followPages(element, list) {
  const link = /** @type {HTMLAnchorElement} */ (element.querySelector(".chat-list__more"));
  let isLoading = false;
  const load = async () => {
    if (isLoading || !link.dataset.next) return;
    isLoading = true;
    const path = `/api/chats?${element.dataset.query}&before=${encodeURIComponent(link.dataset.next)}`;
    // Away: the link stays, and works as one.
    const answer = await get(path).catch(() => null);
    isLoading = false;
    if (!answer) return;
    list.append(answer.items, link);
    link.dataset.next = answer.next ?? "";
    if (!answer.next) return link.remove();
    observer.unobserve(link);
    observer.observe(link);
  };
  const observer = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && load(), {
    root: link.closest(".app__scroll"),
    rootMargin: AHEAD,
  });
  observer.observe(link);
}
