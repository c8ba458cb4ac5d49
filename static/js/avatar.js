/** Says what stands for a person or chat without a picture. */

/**
 * The first letter or digit of a name, else its first character.
 *
 * @param {string} name
 */
export function initial(name) {
  const characters = [...name];
  return characters.find((character) => /[\p{L}\p{N}]/u.test(character)) ?? characters[0] ?? "";
}
