/** The parts of an open chat, as chat.js puts them together; ambient, so that no module names the one that made it. */

interface ChatParts {
  /** The message whose thread the page shows; 0 where it shows the chat. */
  thread: number;
  store: import("./timeline_store.js").TimelineStore;
  timeline: import("./timeline.js").Timeline;
  /** Absent in a thread. */
  membershipLog: import("./membership_log.js").MembershipLog | null;
  scroll: import("./scroll.js").ScrollKeeper;
  history: import("./history.js").History;
  /** Absent where nothing can be written. */
  composer: import("./composer.js").Composer | null;
  typing: import("./typing.js").Typing;
  roster: import("./roster.js").Roster;
  /** Absent in a thread. */
  pins: import("./pinned_bar.js").PinnedBar | null;
  marks: import("./read_marks.js").ReadMarks;
}

/** What the composer is about to do to a message that is there. */
interface ComposerContext {
  kind: "reply" | "edit";
  message: Message;
}

/** What is added to a message; `take` gives null while it is not all there. */
interface Additions {
  isEmpty: boolean;
  take: () => Attachment[] | null;
}
