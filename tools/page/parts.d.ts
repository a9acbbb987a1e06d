// What the page's scripts make of what travels: rows, waiting things, and the parts of the page by their names.

/** A reaction as this page knows it. */
interface KnownReaction extends Reaction {
  /** Others who were seen to put it there, of a crowd that is not all named. */
  also?: string[];
  /** The server does not have it yet. */
  waits?: boolean;
}

/** Who said something, as far as a row shows it. */
interface Author {
  id: string;
  name?: string;
  kind?: "user" | "visitor";
  bot?: boolean;
  avatar?: string;
  place?: string;
}

/** A message, or a note of what happened, in memory. */
interface Entry {
  /** Of a note `e` and its seq. */
  id: number | string;
  seq: number;
  rev: number;
  at: number;
  by: Author;
  content?: string;
  html?: string;
  edited?: number;
  recalled?: boolean;
  mentions?: string[];
  reply?: Quote;
  reactions?: KnownReaction[];
  pinned?: boolean;
  files?: ShownFile[];
  /** Its row, while it is shown. */
  li?: HTMLElement | null;
  /** The lines above it: of a new day, of what is new. */
  day?: HTMLElement | null;
  fresh?: HTMLElement | null;
}

/** A file as a row shows it: one of the server's, or one of this browser's that is on its way there. */
type ShownFile = Partial<MessageFile> & Pick<MessageFile, "kind" | "name" | "size"> & {
  /** Where this browser has it. */
  url?: string;
};

/** What was typed, and where the caret stood then. */
interface TypedShortcode {
  event: Partial<InputEvent>;
  to: number;
}

/** A file that is to be sent. */
interface LocalFile {
  /** Its own, which names its bytes here. */
  nonce: Nonce;
  /** That of its upload: another one when it is uploaded anew. */
  mark: Nonce;
  name: string;
  type: string;
  size: number;
  /** Size as a picture, where it is one that can be shown here. */
  w?: number;
  h?: number;
  /** Length and waveform, of a voice. */
  ms?: number;
  wave?: string;
  /** What it is to be sent as; without it the content decides. */
  as?: "picture" | "file" | "voice";
  /** As large as it is. */
  full?: boolean;
  alt?: string;
  spoiler?: boolean;
  /** Where its upload is. */
  upload?: string;
  /** What the server has made of it: it is whole. */
  file?: MessageFile;
  /** Its bytes outlive the page. */
  kept?: boolean;
  /** The bytes, where they are in memory; as they were chosen, when what is sent is smaller. */
  blob?: Blob;
  original?: File;
  /** Where they can be looked at, as long as somebody shows it. */
  url?: string;
  /** Where the poster of a video can be looked at, as long as somebody shows it. */
  posterUrl?: string;
  /** How many bytes the server has. */
  sent?: number;
  /** Why it went no further. */
  problem?: { code: string; message: string };
}

/** A picture of a video, and what is known of that. */
interface Poster {
  blob: Blob;
  w: number;
  h: number;
  ms?: number;
}

/** Bytes that can be read in parts. */
interface UploadBytes {
  size: number;
  read(from: number, to: number): Promise<Blob | Uint8Array<ArrayBuffer>>;
}

/** What an upload is answered. */
interface Reply {
  header(name: string): string | null;
  data: any;
}

/** What the outbox holds. */
interface OutboxItem {
  nonce: Nonce;
  room: number;
  author: string;
  /** Null takes a message back. */
  content?: string | null;
  at: number;
  /** The message that it answers. */
  reply?: Quote;
  /** The message that it changes. */
  edits?: number;
  /** What it puts on that message or takes off. */
  does?: MarkWish;
  files?: LocalFile[];
  /** Its files have been chosen, and nobody has sent it yet. */
  tray?: boolean;
  /** Tries in vain. */
  tries?: number;
  /** What the server minded. */
  why?: string;
  /** It is under way; it has been before; its event has come. */
  sent?: boolean;
  tried?: boolean;
  shown?: boolean | Entry["id"];
  /** The tab that sends it. */
  tab?: string;
}

/** How the connection is. */
interface ConnectionState {
  name: "stopped" | "connecting" | "catching-up" | "live" | "waiting" | "offline";
  /** Why it stays away. */
  why?: string;
  /** When the next try is. */
  until?: number;
  /** The server could not read what was sent last. */
  unread?: boolean;
  /** What the server says why it refuses. */
  said?: string;
}

/** Where a reader stands: a message, so many px below the upper end of the box. */
interface Place {
  id: number;
  below: number;
}

/** Something that a word may be completed to. */
interface CompletionOption {
  text: string;
  name: string;
  note?: string;
  sign: string | Node;
  meant: boolean;
}

interface CompletionSource {
  find(before: string): { from: number; query: string } | undefined;
  options(query: string): CompletionOption[] | Promise<CompletionOption[]>;
}

// Classes of the page, by their names everywhere.
type Rooms = import("../../static/js/state/rooms.js").Rooms;
type RoomSync = import("../../static/js/sync/room-sync.js").RoomSync;
type Connection = import("../../static/js/net/socket.js").Connection;
type Offline = import("../../static/js/sync/offline.js").Offline;
type OtherRooms = import("../../static/js/sync/other-rooms.js").OtherRooms;
type RestorePosition = import("../../static/js/sync/restore-position.js").RestorePosition;
type Scroll = import("../../static/js/timeline/scroll.js").Scroll;
type PendingRows = import("../../static/js/outbox/pending-rows.js").PendingRows;
type Timeline = import("../../static/js/timeline/timeline.js").Timeline;
type ReadMarker = import("../../static/js/sync/read-marker.js").ReadMarker;
type RoomHistory = import("../../static/js/sync/history.js").History;
type Jump = import("../../static/js/sync/jump.js").Jump;
type Notifier = import("../../static/js/notify/notifier.js").Notifier;
type Unread = import("../../static/js/timeline/unread.js").Unread;
type ReadReceipts = import("../../static/js/timeline/read-receipts.js").ReadReceipts;
type PersonMenu = import("../../static/js/people/person-menu.js").PersonMenu;
type Members = import("../../static/js/people/members.js").Members;
type People = import("../../static/js/people/people.js").People;
type IdleDetector = import("../../static/js/people/idle.js").IdleDetector;
type Outbox = import("../../static/js/outbox/outbox.js").Outbox;
type Typing = import("../../static/js/composer/typing.js").Typing;
type Composer = import("../../static/js/composer/composer.js").Composer;
type SlowMode = import("../../static/js/composer/slow-mode.js").SlowMode;
type Replying = import("../../static/js/composer/replying.js").Replying;
type Editing = import("../../static/js/composer/editing.js").Editing;
type MessageActions = import("../../static/js/message/actions.js").MessageActions;
type Reacting = import("../../static/js/message/reacting.js").Reacting;
type Lightbox = import("../../static/js/files/lightbox.js").Lightbox;
type Player = import("../../static/js/voice/player.js").Player;
type VoiceButton = import("../../static/js/voice/voice-button.js").VoiceButton;
type Gallery = import("../../static/js/files/gallery.js").Gallery;
type Pins = import("../../static/js/message/pins.js").Pins;
type OpenRoom = import("../../static/js/rooms/open-room.js").OpenRoom;
type Router = import("../../static/js/rooms/router.js").Router;
type SystemMessages = import("../../static/js/timeline/system-messages.js").SystemMessages;
type RoomHeader = import("../../static/js/rooms/header.js").RoomHeader;
type Sidebar = import("../../static/js/rooms/sidebar.js").Sidebar;
type ConnectionLine = import("../../static/js/ui/connection-line.js").ConnectionLine;
type MessageLog = import("../../static/js/state/messages.js").MessageLog;
type RowWindow = import("../../static/js/timeline/row-window.js").RowWindow;
type OutboxView = import("../../static/js/outbox/outbox-view.js").OutboxView;
type Sheet = import("../../static/js/ui/sheet.js").Sheet;
type FormDialog = import("../../static/js/ui/dialog.js").FormDialog;
type Switcher = import("../../static/js/rooms/switcher.js").Switcher;
type Search = import("../../static/js/search/search.js").Search;
type SearchParts = ConstructorParameters<typeof import("../../static/js/search/search.js").Search>[0];
type Follows = typeof import("../../static/js/state/messages.js").follows;
type EmojiTable = Awaited<ReturnType<typeof import("../../static/js/composer/emoji/data.js").emojiTable>>;
type ApiError = import("../../static/js/net/api.js").ApiError;

/** The parts of the page by their names. */
interface App {
  list: HTMLElement;
  rooms: Rooms;
  room: RoomSync;
  connection: Connection;
  offline: Offline;
  otherRooms: OtherRooms;
  restorePosition: RestorePosition;
  scroll: Scroll;
  pendingRows: PendingRows;
  timeline: Timeline;
  readMarker: ReadMarker;
  history: RoomHistory;
  jump: Jump;
  notifier: Notifier;
  unread: Unread;
  readReceipts: ReadReceipts;
  personMenu: PersonMenu;
  members: Members;
  people: People;
  idle: IdleDetector;
  outbox: Outbox;
  typing: Typing;
  composer: Composer;
  attaching: Attaching;
  slowMode: SlowMode;
  replying: Replying;
  editing: Editing;
  menu: { signIn(reason?: string): void; register(): void };
  actions: MessageActions;
  reacting: Reacting;
  /** Once the list has been opened. */
  pins?: Pins;
  /** Once a picture has been pressed. */
  lightbox?: Lightbox;
  /** Once a voice has been. */
  player?: Player;
  voiceButton: VoiceButton;
  /** Once it has been opened. */
  gallery?: Gallery;
  openRoom: OpenRoom;
  router: Router;
  dialogs: ReturnType<typeof import("../../static/js/rooms/dialogs.js").wireRoomDialogs>;
  systemMessages: SystemMessages;
  header: RoomHeader;
  sidebar: Sidebar;
  connectionLine: ConnectionLine;
  writeTo(person: Named): void;
  edit(entry: Entry): void;
  showPins(view: RoomView): void;
  showVersions(entry: Entry): void;
  showPicture(entry: Entry, link: HTMLElement): void;
  showFiles(view: RoomView): void;
  /** Something came into sight, or may have. */
  visibleChanged(): void;
  /** Other messages of the room are here than before. */
  messagesChanged(): void;
}

/** What is shown in a row: a message, or words that wait to be one. */
type Drawn = Partial<Entry> & Pick<Entry, "at" | "by">;
/** An entry whose row is shown. */
type Shown = Entry;
/** A row that waits, with what it stands for. */
type PendingRow = Pick<Entry, "at" | "by" | "reply" | "files"> & { li: HTMLElement };
type Transfers = import("../../static/js/files/transfers.js").Transfers;
type Attaching = import("../../static/js/files/attaching.js").Attaching;
/** Whom one answers, and where. */
type Answered = Quote;
/** Words that the composer holds for somebody else. */
type Loan = { save: (words: string) => void; quit: () => void; bare?: boolean };
/** A piece of pasted markup. */
type Block = { text: string; loose: boolean };
/** What a notification is about. */
type News = { room: number; id: Entry["id"]; seq: number };
/** A place in a room's history, as the API names it. */
type Where = { before?: number; after?: number; around?: number; at?: number; since?: number };
type Side = "older" | "newer";
/** Invitations to a room, or to the server. */
type Listed = `rooms/${number}/invitations` | "invitations";
/** One of the emoji; as src/text/emoji.rs writes it. */
type Emoji = { emoji: string; title: string; codes: string[]; light?: string; names: string[] };
type EmojiRow = [emoji: string, name: string, codes: string, chinese?: string, light?: string];

interface ListParts {
  input: HTMLInputElement;
  list: HTMLElement;
  more?: HTMLButtonElement;
  state: HTMLElement;
  ask(q: string, after?: string): Promise<{ items: any[]; next?: string | null; complete?: boolean }>;
  row(item: any): HTMLElement;
  nothing(q: string): string;
  taken?(answer: { next?: string | null; complete?: boolean }): void;
}
type HourCycle = "h12" | "h23";
type MessageMenu = import("../../static/js/message/toolbar.js").MessageMenu;
