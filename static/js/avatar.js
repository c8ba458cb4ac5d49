/** Shows the picture of a person or a chat, or what stands for one without. */

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
 * @param {HTMLElement} avatar
 * @param {Person} user
 */
export function showPicture(avatar, user) {
  avatar.dataset.avatar = user.id;
  show(avatar, user.display_name, pictureUrl(user, avatar.dataset.size));
}

/**
 * Of a group; a direct chat shows the other person.
 *
 * @param {HTMLElement} avatar
 * @param {{ id: string, title: string, picture: string }} chat
 */
export function showChatPicture(avatar, { id, title, picture }) {
  const size = avatar.dataset.size ?? "64";
  show(avatar, title, picture ? `/api/chats/${id}/picture?v=${picture}&size=${size}` : "");
}

/**
 * The letter stays below it, for where the picture does not come.
 *
 * @param {HTMLElement} avatar
 * @param {string} name
 * @param {string} url
 */
function show(avatar, name, url) {
  avatar.dataset.initial = initial(name);
  const shown = avatar.querySelector("img");
  if (!url) return shown?.remove();
  const image = shown ?? document.createElement("img");
  image.className = "avatar__picture";
  image.alt = "";
  if (image.getAttribute("src") !== url) image.src = url;
  if (!shown) avatar.append(image);
}
