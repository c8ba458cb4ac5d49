/** Knows the people of one chat: names, and how far each has read. */

/** Tells `loaded` when the people are known. */
export class Roster extends EventTarget {
  /** @type {Map<string, Membership>} */
  #members = new Map();
  /** By person. Marks may arrive before the memberships do. @type {Map<string, number>} */
  #readSeqs = new Map();

  /** @param {Membership[]} memberships */
  load(memberships) {
    memberships.forEach((membership) => this.change(membership));
    this.dispatchEvent(new Event("loaded"));
  }

  /**
   * An older state of a membership never replaces a newer one.
   *
   * @param {Membership} membership
   */
  change(membership) {
    const { id } = membership.user;
    const known = this.#members.get(id);
    // Only the list of members says the user name.
    const isNewer = !known || known.version <= membership.version;
    if (isNewer) this.#members.set(id, { username: known?.username, ...membership });
    this.read(id, membership.read_seq ?? 0);
  }

  /**
   * Marks only grow.
   *
   * @param {string} user
   * @param {number} seq
   */
  read(user, seq) {
    this.#readSeqs.set(user, Math.max(seq, this.#readSeqs.get(user) ?? 0));
  }

  /** @param {string} user */
  memberOf(user) {
    return this.#members.get(user);
  }

  /** @param {string} user */
  nameOf(user) {
    return this.memberOf(user)?.user.display_name;
  }

  active() {
    return [...this.#members.values()].filter((member) => member.state === "active");
  }

  /** How many people are in the chat. */
  get count() {
    return this.active().length;
  }

  /**
   * Up to which seq somebody else has read.
   *
   * @param {string} me
   */
  readByOthers(me) {
    const others = [...this.#readSeqs].filter(([user]) => user !== me);
    return Math.max(0, ...others.map(([, seq]) => seq));
  }
}
