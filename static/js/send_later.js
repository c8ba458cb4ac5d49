/** Sends what is in the composer to the page on which it waits for its time: the form itself goes there. */

import { uuid7 } from "./ids.js";

/**
 * What the form does not know: another id than the last time, and the message that is answered.
 *
 * @param {HTMLFormElement} form
 * @param {number | null} replyTo
 */
export function takeAlong(form, replyTo) {
  for (const [name, value] of Object.entries({ client_id: uuid7(), reply_to: replyTo ?? "" })) {
    const field = form.querySelector(`input[name="${name}"]`) ?? document.createElement("input");
    Object.assign(field, { type: "hidden", name, value: String(value) });
    form.append(field);
  }
}
