/** Knows up to which version a chat has been seen without a gap. */

export class Cursor {
  #version;
  /** Versions that arrived before their predecessors. @type {Set<number>} */
  #ahead = new Set();
  /** The newest version that is known to have been, and not what it brought. */
  #missed = 0;

  /** @param {number} version */
  constructor(version) {
    this.#version = version;
  }

  get version() {
    return this.#version;
  }

  get hasGap() {
    return this.#ahead.size > 0 || this.#missed > this.#version;
  }

  /**
   * Note a version of a live event. The cursor moves only over versions that follow one another.
   *
   * @param {number} version
   */
  see(version) {
    if (version <= this.#version) return;
    this.#ahead.add(version);
    this.#advance();
  }

  /**
   * Note a version without what it brought: a resume tells.
   *
   * @param {number} version
   */
  miss(version) {
    this.#missed = Math.max(this.#missed, version);
  }

  /**
   * Take the head that the server's answer to a resume names: everything up to it has arrived, in its present state.
   *
   * @param {number} version
   */
  settle(version) {
    this.#version = version;
    for (const ahead of this.#ahead) if (ahead <= version) this.#ahead.delete(ahead);
    this.#advance();
  }

  #advance() {
    while (this.#ahead.delete(this.#version + 1)) this.#version += 1;
  }
}
