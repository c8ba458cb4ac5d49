/** Who came, went, or was given a role, in lines: as the server says it (gateway_svc/selectors/membership_log.py). */

import { formOf, say } from "./strings.js";
import { actorName } from "./system_words.js";
import { dayKey } from "./time.js";

/**
 * Neighbours of one kind are one line; each change of a role is one of its own.
 *
 * @param {MembershipEntry[]} entries ascending by version
 * @returns {MembershipEntry[][]}
 */
export function linesOf(entries) {
  /** @type {MembershipEntry[][]} */
  const lines = [];
  for (const entry of entries) {
    const line = lines.at(-1);
    if (line && togetherOf(line[0]) === togetherOf(entry)) line.push(entry);
    else lines.push([entry]);
  }
  return lines;
}

/**
 * What a line says; empty for a kind that this page does not know yet.
 *
 * @param {MembershipEntry[]} line
 */
export function lineWords(line) {
  const kind = kindOf(line[0]);
  const words = say(`log.${kind}`, { people: peopleOf(line), by: line[0].by ? actorName(line[0].by) : "" });
  return words === `log.${kind}` ? "" : words;
}

/** What neighbours have in common that are one line. @param {MembershipEntry} entry */
function togetherOf({ after_seq, kind, by, at, version }) {
  return [after_seq, kind, by?.id, dayKey(at), kind === "role_changed" ? version : 0].join();
}

/** @param {MembershipEntry} entry */
function kindOf({ kind, by, role }) {
  if (kind === "role_changed") return role;
  return kind === "joined" && by ? "added" : kind;
}

/** @param {MembershipEntry[]} line */
function peopleOf(line) {
  const [name, other = ""] = line.map(({ user }) => user.display_name);
  const count = line.length - 2;
  if (count < 0) return name;
  const form = count === 0 ? "pair" : formOf(count);
  return say(`log.people.${form}`, { name, other, count });
}
