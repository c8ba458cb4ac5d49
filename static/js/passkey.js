/** A button that asks the browser for a passkey, and sends its form with the answer. */

import { ApiError, post } from "./api.js";
import { hindrance, jsonOf, optionsOf } from "./credentials.js";
import { say } from "./strings.js";

/** What the browser says when there is a passkey of this account on the device. */
const KNOWN = "InvalidStateError";
/** What the API says when somebody must first show who they are. */
const SHOW_AGAIN = ["reauthentication_required", "second_factor_needed"];

/** @param {HTMLElement} section */
export function startPasskey(section) {
  const button = /** @type {HTMLButtonElement} */ (section.querySelector("button"));
  const place = { isSecure: isSecureContext, isKnown: "PublicKeyCredential" in window, host: location.hostname };
  const problem = hindrance(place);
  button.hidden = problem !== "";
  if (problem) tell(section, say(problem));
  button.addEventListener("click", (event) => {
    // With the answer in its fields the form goes by itself, below.
    event.preventDefault();
    press(section, button);
  });
}

/**
 * @param {HTMLElement} section
 * @param {HTMLButtonElement} button
 */
async function press(section, button) {
  const form = /** @type {HTMLFormElement} */ (button.form);
  const fields = (section.dataset.fields ?? "").split(" ").filter(Boolean).map((name) => fieldOf(form, name));
  if (!fields.every((field) => field.reportValidity())) return;
  tell(section, say("passkey.asking"));
  button.disabled = true;
  try {
    const body = Object.fromEntries(fields.map((field) => [field.name, field.value]));
    const asked = await post(section.dataset.options ?? "", body);
    const credential = await ask(section.dataset.deed ?? "", optionsOf(asked.options));
    fieldOf(form, "credential").value = JSON.stringify(jsonOf(credential));
    fieldOf(form, "state").value = asked.state;
    tell(section, "");
    button.disabled = false;
    form.requestSubmit(button);
  } catch (problem) {
    button.disabled = false;
    complain(section, problem);
  }
}

/**
 * @param {string} deed
 * @param {any} options
 */
function ask(deed, options) {
  return deed === "create" ? navigator.credentials.create(options) : navigator.credentials.get(options);
}

/**
 * @param {HTMLElement} section
 * @param {unknown} problem
 */
function complain(section, problem) {
  if (problem instanceof ApiError && SHOW_AGAIN.includes(problem.code)) {
    const again = new URL(location.href);
    again.searchParams.set("again", "1"); // the page says then that the button is to be pressed once more
    location.assign(`/reauthenticate?next=${encodeURIComponent(again.pathname + again.search)}`);
  } else if (problem instanceof ApiError) {
    tell(section, problem.message || say("error.offline"), true);
  } else if (problem instanceof DOMException) {
    // The browser tells no page why: closed, timed out, and none there look alike.
    tell(section, say(problem.name === KNOWN ? "passkey.known" : "passkey.cancelled"), true);
  } else {
    throw problem;
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 */
function fieldOf(form, name) {
  return /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
}

/**
 * @param {HTMLElement} section
 * @param {string} sentence
 * @param {boolean} [isProblem]
 */
function tell(section, sentence, isProblem = false) {
  const word = /** @type {HTMLElement} */ (section.querySelector(".passkey__word"));
  word.textContent = sentence;
  word.classList.toggle("passkey__word--problem", isProblem);
}
