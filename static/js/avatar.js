/** Shows a person's picture, or what stands for a person or chat without one. */

/**
 * The first letter or digit of a name, else its first character.
 *
 * @param {string} name
 */
export function initial(name) {
  const characters = [...name];
  return characters.find((character) => /[\p{L}\p{N}]/u.test(character)) ?? characters[0] ?? "";
}

/** @param {{ id: string, picture?: string | null }} user */
export function pictureUrl({ id, picture }, size = "64") {
  return picture ? `/api/users/${id}/picture?v=${picture}&size=${size}` : "";
}

/**
 * The letter stays below it, for where the picture does not come.
 *
 * @param {HTMLElement} avatar
 * @param {Person} user
 */
export function showPicture(avatar, user) {
  avatar.dataset.initial = initial(user.display_name);
  avatar.dataset.avatar = user.id;
  const url = pictureUrl(user, avatar.dataset.size);
  const shown = avatar.querySelector("img");
  if (!url) return shown?.remove();
  const image = shown ?? document.createElement("img");
  image.className = "avatar__picture";
  image.alt = "";
  if (image.getAttribute("src") !== url) image.src = url;
  if (!shown) avatar.append(image);
}
