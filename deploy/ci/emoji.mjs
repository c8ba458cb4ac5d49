// Writes static/vendor/emoji/*.js anew: `npm install --no-save emojibase-data && node deploy/ci/emoji.mjs`.

import { copyFileSync, readFileSync, writeFileSync } from "node:fs";

const SOURCE = new URL("../../node_modules/emojibase-data/", import.meta.url);
const TARGET = new URL("../../static/vendor/emoji/", import.meta.url);
const COMPONENTS = 2; // skin tones and hair: no emoji by themselves
// More words find little more and weigh as much again.
const WORDS = 4;

const { version } = read("package.json");

for (const language of ["en", "ru"]) {
  const known = read(`${language}/compact.json`).filter(({ group }) => group !== undefined && group !== COMPONENTS);
  const lines = known.sort((one, other) => one.order - other.order).map(line);
  const head = `/** Emoji with their names and what else they are found by, from emojibase-data ${version} (MIT, see LICENSE). */`;
  writeFileSync(new URL(`${language}.js`, TARGET), `${head}\n\nexport default \`${lines.join("\n")}\`;\n`);
}
copyFileSync(new URL("LICENSE", SOURCE), new URL("LICENSE", TARGET));

function line({ unicode, group, label, tags = [] }) {
  const further = tags.filter((tag) => !tag.includes(" ") && !label.toLowerCase().includes(tag)).slice(0, WORDS);
  return [spelled(unicode), group, label, ...(further.length > 0 ? [further.join(" ")] : [])].join("|").replaceAll("`", "'");
}

/** In the spelling of Unicode's own list, by which the server keeps it. */
function spelled(unicode) {
  return unicode.replaceAll(/(\p{Emoji_Presentation})\ufe0f/gu, "$1");
}

function read(path) {
  return JSON.parse(readFileSync(new URL(path, SOURCE), "utf8"));
}
