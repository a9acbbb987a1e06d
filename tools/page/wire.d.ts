// What travels between the page and the server: every frame of the feed, every answer of the API, and what the server puts into the page.
// docs/protocol.md tells what each field means. Times are ms since 1970.

type Lang = "zh" | "en";
type Theme = "auto" | "light" | "dark";
type NotifyLevel = "all" | "mentions" | "none";
type Presence = "on" | "idle" | "off";
type RoomKind = "lobby" | "public" | "private" | "direct";
type RoomRole = "owner" | "admin" | "member" | "muted" | "banned";
type Permission = "say" | "react" | "join" | "leave" | "invite" | "pin" | "configure" | "open_to_site" | "archive" | "delete" | "moderate" | "appoint" | "transfer";
type GoneReason = "left" | "removed" | "banned" | "not_found" | "deleted";
/** A UUID. */
type Nonce = string;

/** Somebody by name. */
interface Named {
  id: string;
  /** `""` when the account was deleted. */
  name: string;
}

interface Person extends Named {
  kind: "user" | "visitor";
  avatar: string;
  place: string;
  bot?: boolean;
  here?: Presence;
  /** In a list of members. */
  role?: RoomRole;
}

interface Me {
  id: string;
  kind: "user" | "visitor";
  name: string;
  avatar: string;
  place: string;
  role: "member" | "admin" | "owner";
  may_write: boolean;
  /** The visitor that the owner of this account was before. */
  was?: string;
}

interface Reaction {
  emoji: string;
  n: number;
  who: Named[];
  place: number;
}

interface Quote {
  id: number;
  by: Named;
  /** What the page keeps of it has none. */
  text?: string;
  /** What its first file is. */
  file?: MessageFile["kind"];
  /** Its length, where the page knows it. */
  ms?: number;
  gone?: boolean;
}

/** A file of a message; its bytes are at `/files/<id>/<rendition>`. */
interface MessageFile {
  id: string;
  kind: "file" | "picture" | "animation" | "video" | "audio" | "voice";
  name?: string;
  type?: string;
  size?: number;
  w?: number;
  h?: number;
  ms?: number;
  /** A voice's waveform: the peaks of 64 slices, 0 to 255, base64. */
  wave?: string;
  /** A thumbhash, base64. */
  hash?: string;
  alt?: string;
  spoiler?: boolean;
  /** Whether there is a still picture of a video. */
  poster?: boolean;
  /** It moved when it was sent, and is its first frame now. */
  still?: boolean;
  /** It was taken out of its message: then there is only `id` and `kind`. */
  gone?: boolean;
}

/** What the files of a room are asked for by. */
type GalleryKind = "picture" | "video" | "audio" | "voice" | "file";

/** A file of a room, with its message and its number in that. */
interface RoomFile {
  message: number;
  number: number;
  at: number;
  by: Partial<Named>;
  file: MessageFile;
}

interface Message {
  id: number;
  seq: number;
  rev: number;
  at: number;
  by: Person;
  content: string;
  html?: string;
  edited?: number;
  recalled?: boolean;
  mentions?: string[];
  reply?: Quote;
  reactions?: Reaction[];
  pinned?: boolean;
  files?: MessageFile[];
}

interface RoomSettings {
  name: string;
  topic: string;
  notice: string;
  read_only: boolean;
  mute_all: boolean;
  slow: number;
  archived: boolean;
  open_to_site?: boolean;
}

/** A room as one person sees it. */
interface RoomView extends RoomSettings {
  id: number;
  kind: RoomKind;
  avatar: string;
  head: number;
  epoch: string;
  members: number;
  role: RoomRole | null;
  may: Permission[];
  at: number | null;
  read: number;
  unread: number;
  mentions: number;
  notify: NotifyLevel | null;
  favourite: boolean;
  with?: Person[];
}

/** What the server says of rooms that are not open. */
interface RoomPart extends Partial<RoomView> {
  id: number;
  call?: RoomCall;
  withdrawn?: number[];
}

interface RoomCall {
  id: number;
  at: number;
  by: Named;
  text: string;
  /** What its first file is. */
  file?: MessageFile["kind"];
  mention: boolean;
}

// Frames to the server.

type ChangeWish = { do: "edit"; content: string } | { do: "recall" } | MarkWish;
/** What one puts on a message or takes off. */
type MarkWish = { do: "react"; emoji: string; on: boolean } | { do: "pin"; on: boolean } | { do: "unfile"; file: string };
interface Resume {
  epoch?: string;
  seq?: number;
}

interface HelloFrame {
  v: number;
  resume?: Record<string, Resume>;
  open?: number;
}

interface SendFrame {
  nonce: Nonce;
  room: number;
  content: string;
  reply?: number;
  files?: { id: string; alt?: string; spoiler?: boolean }[];
}

type ChangeFrame = { nonce: Nonce; room: number; id: number } & ChangeWish;

interface OpenFrame {
  room: number;
  resume?: Resume;
}

interface ReadFrame {
  room: number;
  seq: number;
  unread?: true;
}

type OutFrame = HelloFrame | SendFrame | ChangeFrame | OpenFrame | ReadFrame | { room: number } | { idle: boolean } | "ping" | "pong";

// Frames from the server.

interface Limits {
  message_chars: number;
  recall_window: number;
  messages_per_minute: number;
  files?: FileLimits;
}

/** Of files in messages; sizes in bytes. */
interface FileLimits {
  may: boolean;
  /** Whether one may send what one says. */
  voice?: boolean;
  file_bytes: number;
  picture_bytes?: number;
  /** Longest voice. */
  voice_ms?: number;
  /** Files of one message. */
  each: number;
}

interface WelcomeFrame {
  v: number;
  me: Me;
  connection: string;
  now: number;
  rooms: RoomView[];
  limits: Limits;
}

interface Ack {
  id: number;
  seq: number;
  at: number;
}

interface AckFrame extends Ack {
  nonce: Nonce;
  room: number;
}

interface ErrorFrame {
  code: string;
  message: string;
  nonce?: Nonce;
  room?: number;
  retry_after?: number;
}

interface RoomEventBase {
  room: number;
  seq: number;
}

interface MessageEvent_ extends RoomEventBase {
  kind: "message";
  message: Message;
}

interface AboutMessage extends RoomEventBase {
  id: number;
  at: number;
  by: Named;
}

interface EditEvent extends AboutMessage {
  kind: "edit";
  content: string;
  html?: string;
  mentions?: string[];
}

interface RecallEvent extends AboutMessage {
  kind: "recall";
}

interface ReactEvent extends AboutMessage {
  kind: "react";
  emoji: string;
  n: number;
  who: Named[];
  place: number;
  on: boolean;
}

interface PinEvent extends AboutMessage {
  kind: "pin" | "unpin";
}

interface FileEvent extends AboutMessage {
  kind: "file";
  file: string;
  /** What the first of those is that are left. */
  first?: MessageFile["kind"];
}

/** Something that happened to a message. */
type MessageChange = EditEvent | RecallEvent | ReactEvent | PinEvent | FileEvent;

interface SettingsEvent extends RoomEventBase {
  kind: "about";
  at: number;
  by: Named;
  about: RoomSettings;
}

interface MembershipEvent extends RoomEventBase {
  kind: "join" | "leave" | "remove" | "ban" | "unban" | "mute" | "unmute" | "role" | "transfer";
  at: number;
  by: Named;
  who: Person;
  role: RoomRole | null;
}

type RoomChange = SettingsEvent | MembershipEvent;
type RoomEvent = MessageEvent_ | MessageChange | RoomChange;

interface BatchFrame {
  room: number;
  epoch: string;
  events: RoomEvent[];
  more: boolean;
}

interface ResetFrame {
  room: number;
  epoch: string;
  head: number;
  page: Message[];
}

interface TypersFrame {
  room: number;
  who: Named[];
  more: number;
}

interface MarkFrame {
  room: number;
  read: number;
  unread: number;
  mentions: number;
}

interface RoomPresence {
  room?: number;
  people: number;
  connections: number;
  who?: Person[];
  /** It may be old: another node of the server does not say who is there. */
  stale?: true;
}

interface ByeFrame {
  reason: string;
  retry_after?: number;
}

interface HeadFrame {
  room: number;
  epoch: string;
  seq: number;
}

interface GoneFrame {
  room: number;
  why: GoneReason;
}

/** Up to where somebody has read. */
interface SeenMark {
  id: string;
  seq: number;
}

interface SeenFrame {
  room: number;
  marks: SeenMark[];
}

/** Frames by their numbers (static/js/net/socket.js). */
interface FrameByType {
  6: "ping" | "pong";
  11: WelcomeFrame;
  13: AckFrame;
  15: ErrorFrame;
  17: RoomEvent;
  19: BatchFrame;
  21: ResetFrame;
  23: TypersFrame;
  25: MarkFrame;
  27: RoomPresence & { room: number };
  29: ByeFrame;
  31: HeadFrame;
  33: { rooms: RoomPart[] };
  35: GoneFrame;
  37: SeenFrame;
}

type InFrame = { [T in keyof FrameByType]: { type: T; data: FrameByType[T] } }[keyof FrameByType];

// Answers of the API.

interface Preferences {
  lang: Lang;
  theme: Theme;
  clock: "auto" | "12" | "24";
  sound: boolean;
  notify: NotifyLevel;
  quiet: { from: string; to: string } | null;
}

/** One of my files, in a room that I may read or have left. */
interface OwnFile {
  room: { id: number; name: string } | null;
  message: number;
  at: number;
  bytes: number;
  file: MessageFile;
}

interface OwnFiles {
  bytes: number;
  files: number;
  /** 0 = no limit. */
  quota: number;
  list: OwnFile[];
  next: string | null;
}

interface Device {
  id: string;
  here: boolean;
  /** The site in whose page it is; none for a browser. */
  host: string | null;
  name: string;
  place: string;
  at: number;
  seen: number;
}

type Scope = "read" | "write" | "rooms" | "house";

/** A key of mine, without the key itself. */
interface Token {
  id: string;
  name: string;
  scopes: Scope[];
  /** The only ones in which it is good. */
  rooms: number[] | null;
  at: number;
  expires: number | null;
  used: number | null;
  place: string | null;
}

/** A program's account, for who looks after it. */
interface Bot {
  id: string;
  name: string;
  made_by: string;
  at: number;
  tokens: number;
  hooks: number;
}

/** An address at which a tool speaks, without its secret. */
interface Hook {
  id: string;
  room: number;
  bot: Named;
  name: string;
  made_by: string;
  at: number;
  used: number | null;
  signed: boolean;
}

/** What is wrong with a token of the site, or whose it is. */
interface SiteCheck {
  check: string | null;
  why: string | null;
  who: { subject: string; name: string; role: "admin" | "member" | null; until: number; key: string; account: string | null } | null;
}

interface Invitation {
  code: string;
  url: string;
  by: Named;
  uses: number | null;
  left: number | null;
  expires: number | null;
  at: number;
}

/** What whoever follows an invitation is told of it. */
interface Invited {
  code: string;
  room: { name: string; avatar: string; members: number } | null;
  by: { name: string };
}

interface Page {
  messages: Message[];
  more: boolean;
  newer: boolean;
}

interface Version {
  rev: number;
  at: number;
  content: string;
  html?: string;
}

interface Hit {
  room: { id: number; name: string };
  message: Message;
  text: string;
  marks: [number, number][];
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
type Query = "" | `?${string}`;

/** What a call is answered with, by the method and what stands after `/api/v1/`. */
type Answer<M extends Method, P extends string> =
  P extends "connect/check" ? {}
  : P extends "auth/site/start" ? { address: string }
  : P extends "register" ? { me: Me; room: RoomView | null }
  : P extends "session" ? { me: Me | null }
  : P extends `me/files?${string}` ? OwnFiles
  : P extends `me/files/${string}` ? {}
  : P extends "files/gone" ? { files: string[] }
  : P extends "me/devices" | `me/devices/${string}` ? (M extends "GET" ? { devices: Device[] } : {})
  : P extends "me/tokens" | `me/tokens/${string}` | `bots/${string}/tokens` | `bots/${string}/tokens/${string}` ? (M extends "GET" ? { tokens: Token[] } : M extends "POST" ? { token: Token; key: string } : {})
  : P extends "bots" ? (M extends "GET" ? { bots: Bot[] } : { bot: Bot })
  : P extends `bots/${string}` ? {}
  : P extends `hooks${Query}` ? (M extends "GET" ? { hooks: Hook[] } : { hook: Hook; url: string; secret?: string })
  : P extends `hooks/${string}` ? {}
  : P extends "site/check" ? SiteCheck
  : P extends "me" | "me/name" | "me/profile" | "me/password" ? { me: Me | null }
  : P extends "preferences" ? { preferences: Preferences }
  : P extends "preview" ? { html: string }
  : P extends "direct" ? { room: RoomView }
  : P extends "password" ? (M extends "POST" ? { name: string } : { me: Me })
  : P extends `search?${string}` ? { hits: Hit[]; next: string | null; complete: boolean }
  : P extends `people/${string}/password-link` ? { url: string; expires: number }
  : P extends `people${Query}` ? { people: Person[] }
  : P extends `rooms/${string}/messages/${string}/versions` ? { versions: Version[] }
  : P extends `rooms/${string}/messages${Query}` ? Page
  : P extends `rooms/${string}/messages/${string}` ? { message: Message; mine: string[] }
  : P extends `rooms/${string}/members${Query}` ? { members: Person[]; next: string | null; total: number }
  : P extends `rooms/${string}/members/${string}` | `rooms/${string}/notify` | `rooms/${string}/favourite` | `rooms/${string}/leave` ? {}
  : P extends `rooms/${string}/pins` ? { messages: Message[] }
  : P extends `rooms/${string}/files${Query}` ? { files: RoomFile[]; next: string | null }
  : P extends `rooms/${string}/people` ? RoomPresence
  : P extends `rooms/${string}/invitations` | "invitations" ? (M extends "GET" ? { invitations: Invitation[] } : { invitation: Invitation })
  : P extends `rooms/${string}/invitations/${string}` ? {}
  : P extends `invitations/${string}` ? { room: RoomView }
  : P extends `rooms/${string}` ? { room: RoomView }
  : P extends `rooms${Query}` ? (M extends "GET" ? { rooms: RoomView[]; next: string | null } : { room: RoomView })
  : never;

// The page itself.

interface Boot {
  me: Me;
  room: RoomView;
  rooms: RoomView[];
  found: boolean;
  invitation: Invited | null;
  limits: Limits;
  permissions: {
    registration: "open" | "invited" | "closed";
    register: boolean;
    name: string | null;
    invites: boolean;
    rooms: ("public" | "private")[];
  };
  lang: Lang;
  theme: Theme;
  preferences: Preferences;
  strings: Record<string, string>;
  places: Record<string, string> | null;
  later: string[];
  emoji: string;
  now: number;
  more: boolean;
  newer: boolean;
  extras: MessageExtras[];
  presence: RoomPresence;
  closed: boolean;
}

/** What hangs on a message that came with the page. */
interface MessageExtras {
  id: number;
  reply?: Quote;
  reactions?: Reaction[];
  pinned?: boolean;
  files?: MessageFile[];
}

/** `POST /api/v1/embed/session`: who one is in the frame of another site. */
interface EmbedSession {
  session: string;
  expires: number;
  /** `null` where guests are off and nobody is known. */
  me: Me | null;
}

/** `GET /api/v1/embed/news`: what came into a room after event `since`. */
interface EmbedNews {
  unread: number;
  mentions: number;
  head: number;
}
