/** Keeps small texts on this device for one person: what another one wrote here is removed, never shown. */

const PREFIX = "abdre.";

export class Kept {
  #storage;
  #own;

  /**
   * @param {string} person whose device this is at the moment; empty for a stranger, who leaves things as they are
   * @param {Storage | null} [storage]
   */
  constructor(person, storage = deviceStorage()) {
    this.#storage = storage;
    this.#own = `${PREFIX}${person}.`;
    if (person) this.#forget((key) => !key.startsWith(this.#own));
  }

  /** Leave nothing on a device that others may use. */
  clear() {
    this.#forget(() => true);
  }

  /** @param {string} name */
  get(name) {
    return this.#storage?.getItem(this.#own + name) ?? null;
  }

  /**
   * @param {string} name
   * @param {string} text empty removes
   */
  set(name, text) {
    try {
      if (text) this.#storage?.setItem(this.#own + name, text);
      else this.#storage?.removeItem(this.#own + name);
    } catch {
      // Full or forbidden: the page still has it in memory.
    }
  }

  /** @param {(key: string) => boolean} isUnwanted */
  #forget(isUnwanted) {
    const keys = Array.from({ length: this.#storage?.length ?? 0 }, (_, index) => this.#storage?.key(index) ?? "");
    const ours = keys.filter((key) => key.startsWith(PREFIX));
    for (const key of ours.filter(isUnwanted)) this.#storage?.removeItem(key);
  }
}

/** Reading `localStorage` throws where a browser forbids it. */
function deviceStorage() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}
