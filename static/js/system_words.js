/** What was done to a chat, in words; the server says the same (gateway_svc/selectors/system.py). */

import { formOf, say } from "./strings.js";

/** @param {Message} message of the system; as the server rendered it, it holds its words already */
export function systemWords({ system, sender, body }) {
  if (!system) return body;
  const key = `system.${kindOf(system)}`;
  const { title = "", topic = "", keeps_days = 0 } = system;
  const words = say(`system.${kindOf(system)}`, { name: actorName(sender), title, topic, days: keeps_days });
  // A fact that this page does not know yet.
  return words === key ? "" : words;
}

/** Who did it: all moderators of the house do so by one account. @param {Person} person */
export function actorName(person) {
  return person.speaks_for_staff ? say("staff") : person.display_name;
}

/**
 * Taking something away has words of its own.
 *
 * @param {SystemFact} fact
 */
function kindOf({ type, title, topic, slow_mode_s, announcement_only, keeps_days = 0, picture }) {
  if (type === "renamed" && !title) return "title_removed";
  if (type === "topic_changed" && !topic) return "topic_removed";
  if (type === "slow_mode_changed" && !slow_mode_s) return "slow_mode_off";
  if (type === "announcements_changed" && !announcement_only) return "announcements_off";
  if (type === "keeping_changed") return keeps_days ? `keeping_changed.${formOf(keeps_days)}` : "keeping_off";
  if (type === "picture_changed" && !picture) return "picture_removed";
  return type;
}
