/** Waits for the first "@" in the composer; what offers names is loaded only then. */

import { callable } from "./mentions.js";
import { patiently } from "./patience.js";
import { say } from "./strings.js";

// As in chat_svc/writer/mentions.py: in larger chats only who manages them calls everybody.
const CROWD = 20;

/**
 * @param {HTMLTextAreaElement} text
 * @param {{ roster: import("./roster.js").Roster, me: string, mayModerate: boolean }} options
 */
export function offerNames(text, { roster, me, mayModerate }) {
  const people = () => {
    const others = roster.active().filter(({ user }) => user.id !== me);
    const all = mayModerate || others.length < CROWD ? [{ word: "all", name: say("mention.all") }] : [];
    return [...others.map(callable), ...all];
  };
  const begin = async () => {
    if (!text.value.includes("@")) return;
    text.removeEventListener("input", begin);
    const { MentionPicker } = await patiently(() => import("./mention_picker.js"));
    const picker = new MentionPicker(text, people, say("mention.people"));
    picker.show();
    // Somebody may type before the chat's people have come.
    roster.addEventListener("loaded", () => document.activeElement === text && picker.show());
  };
  text.addEventListener("input", begin);
}
