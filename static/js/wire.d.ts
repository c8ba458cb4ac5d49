/** Shapes of the contract as they arrive on the wire; ambient, so modules name them without importing. */

interface Person {
  id: string;
  display_name: string;
  is_guest: boolean;
  is_bot?: true;
  speaks_for_staff?: true;
  /** Names its content, for the address of the picture. */
  picture: string | null;
}

interface Status {
  emoji: string;
  text: string;
  until: string | null;
}

interface Reaction {
  emoji: string;
  count: number;
  /** The first of them. */
  users: string[];
}

/** What somebody did to a chat. */
interface SystemFact {
  type: string;
  title?: string;
  topic?: string;
  slow_mode_s?: number;
  announcement_only?: boolean;
  keeps_days?: number;
  picture?: string;
  seq?: number;
}

/** `text` as the body says it, with its @; `user` null: everybody. */
interface Mention {
  user: string | null;
  text: string;
}

interface Replies {
  count: number;
  last_seq: number;
  /** Who replied first. */
  people: string[];
}

interface Attachment {
  id: string;
  name: string;
  /** By its bytes. */
  kind: "image" | "audio" | "file";
  content_type: string;
  size: number;
  width: number | null;
  height: number | null;
  animated: boolean;
  /** A `data:` address of a tiny image, or empty. */
  placeholder: string;
  duration_ms: number | null;
}

interface LinkPreview {
  /** The link as it stands in the message. */
  url: string;
  title: string;
  description: string;
  site_name: string;
  /** At `/api/chats/{chat}/attachments/{id}/content`. */
  picture: { id: string; width: number; height: number } | null;
}

interface Message {
  chat: string;
  seq: number;
  version: number;
  client_id: string;
  sender: Person;
  body: string;
  attachments: Attachment[];
  kind?: string;
  created_at: string;
  edited_at: string | null;
  deleted_at: string | null;
  reply_to: number | null;
  reactions?: Reaction[];
  mentions?: Mention[];
  /** Only while it is pinned. */
  pinned_at?: string;
  pinned_by?: string;
  /** Of a reply: the message that it hangs on. */
  thread?: number;
  /** While a thread hangs on the message. */
  replies?: Replies;
  /** Only of what was said elsewhere before: by whom. */
  forwarded?: { display_name: string };
  /** Only by an incoming webhook: the name that it chose for this message. */
  shown_as?: string;
  /** What the page behind its first link says of itself. */
  link_preview?: LinkPreview;
  /** Somebody took it off. */
  link_preview_removed?: true;
  deleted_by_staff?: true;
  /** Only where `kind` is `system`; the body is empty then. */
  system?: SystemFact;
  /** What the body looks like where it is Markdown, made safe by the server; and what it says in one line. */
  html?: string;
  preview?: string;
}

interface Membership {
  user: Person;
  /** Where members are listed; guests have none. */
  username?: string | null;
  role: string;
  state: string;
  read_seq?: number;
  version: number;
}

/** What happened to a membership, and after which message; `by` did it, where that was somebody else. */
interface MembershipEntry {
  after_seq: number;
  version: number;
  kind: string;
  user: Person;
  /** From then on. */
  role: string;
  by: Person | null;
  at: string;
}

interface ChatSummary {
  id: string;
  kind: string;
  title: string;
  topic: string;
  slow_mode_s: number;
  announcement_only: boolean;
  picture: string;
  guest_links: string;
  guest_files: string;
  is_public: boolean;
  guests_may_join: boolean;
  history_for_newcomers: boolean;
  keeps_days: number;
  /** Messages before this one are gone for good. */
  pruned_below: number;
  version: number;
  last_seq: number;
  member_count: number;
  created_at: string;
  expires_at: string | null;
  closed_at: string | null;
}

/** What I want of a chat. */
interface ChatPreferences {
  notify: string;
  muted_until: string | null;
  archived: boolean;
  pinned: boolean;
  favourite: boolean;
}

interface ChatListItem extends ChatSummary, ChatPreferences {
  /** What I have begun to write there. */
  draft: { body: string; reply_to: number | null; saved_at: string } | null;
  role: string;
  unread: number;
  mentions: number;
  read_seq: number;
  last_message: Message | null;
  partner: Person | null;
}

/** One item of a server frame. The type decides which of the other keys are there. */
interface WireItem {
  type: string;
  [key: string]: any;
}

/** Somebody who asks to be let in by a code; `title`: of the chat, empty for one with the host. */
interface Knock {
  invitation: string;
  title: string;
  user: Person;
}

/** What others do not see before somebody lets it through. */
interface Held {
  id: string;
  chat: string;
  client_id: string;
  sender: Person;
  body: string;
  reply_to: number | null;
  thread: number | null;
  attachments: Attachment[];
  why: "words" | "link" | "file";
  state: "waiting" | "approved" | "rejected" | "expired" | "withdrawn";
  held_at: string;
  decided_at: string | null;
}

interface Ack {
  type: "ack" | "message.held";
  ref: string;
  seq: number;
  version: number;
  created_at: string;
  chats?: Record<string, number>;
  /** Of `message.held`, which has nothing else. */
  held?: Held;
}

/** A message written here and not yet acknowledged. */
interface OutboxEntry {
  client_id: string;
  chat: string;
  /** Who wrote it: several people may use one browser. */
  person: string;
  body: string;
  reply_to: number | null;
  /** The message that it hangs on; left out where it hangs on none. */
  thread?: number;
  /** Files that are on the server already; left out where there are none. */
  attachments?: Attachment[];
  created_at: string;
  /** Why the server refused it, in words for the person; absent while it may still be sent. */
  refusal?: string;
  /** The server keeps it back, under this id, until somebody lets it through. */
  held?: string;
}
