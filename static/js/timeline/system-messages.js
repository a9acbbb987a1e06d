// @ts-check
// Events of the open room that are no messages: as lines of the timeline, and in the state of the room.

import { isMessageChange } from "../state/message-reducer.js";
import { clip, gist } from "../message/plain-text.js";
import { session } from "../state/session.js";
import { personName, say } from "../ui/i18n.js";

/** Of a room's settings, those that are worth a word, in this order. */
/** @type {(keyof RoomSettings)[]} */
const SWITCHES = ["archived", "read_only", "mute_all", "open_to_site"];

/** As much of a message as tells which one it is. */
const KNOWN_CHARS = 40;

/** By how many a room grows with each of these. */
/** @type {Record<string, number>} */
const GROWS = { join: 1, leave: -1, remove: -1, ban: -1 };

export class SystemMessages {
  #rooms;
  #room;
  #timeline;
  #members;
  #refresh;
  /** The settings as the room's events have told them; what its view says may be ahead of that.
   *  @type {Partial<RoomSettings>} */
  #settings;

  /** `refresh(room)` asks again what a room is to the reader.
   *  @param {Pick<App, "rooms" | "room" | "timeline" | "members"> & { refresh: (room: number) => void }} parts */
  constructor({ rooms, room, timeline, members, refresh }) {
    this.#rooms = rooms;
    this.#room = room;
    this.#timeline = timeline;
    this.#members = members;
    this.#refresh = refresh;
    this.entered();
  }

  /** Another room, or the same one anew. */
  entered() {
    this.#settings = this.#rooms.get(this.#room.id) ?? {};
  }

  /** @param {MessageChange | RoomChange} event */
  add(event) {
    const { id } = this.#room;
    const me = session.me.id;
    if (event.kind === "react" && event.on && event.by.id !== me) this.#reacted(event);
    const words = wordsOf(event, this.#settings, me);
    if (words) this.#timeline.note(event, words);
    if (isMessageChange(event)) return;
    if (event.kind === "about") {
      this.#settings = event.about;
      return this.#rooms.merge([{ id, ...event.about }]);
    }
    const { kind, members = 0 } = this.#rooms.get(id) ?? {};
    if (kind !== "lobby") this.#rooms.merge([{ id, members: members + (GROWS[event.kind] ?? 0) }]);
    this.#members.membershipChanged(event);
    // Only who has deleted their account goes without a name: what they said is nobody's now.
    if (event.kind === "leave" && !event.who.name) this.#timeline.anonymise(event.who);
    // What I may do has changed with what I am; of a room that is not mine any more the server speaks by itself.
    const out = event.who.id === me && (event.role === null || event.role === "banned");
    if (!out && [event.who.id, event.by.id].includes(me)) this.#refresh(id);
  }

  /** For who does not see it: one sentence for what changes in several places.
   *  @param {ReactEvent} what */
  #reacted({ id, by, emoji }) {
    const entry = this.#timeline.get(id);
    if (!entry || entry.recalled) return;
    const words = clip(gist(entry), KNOWN_CHARS);
    document.getElementById("reacted-spoken").textContent = say("reacted_to", { name: personName(by), emoji, words });
  }
}

/** `before` are the room's settings until then, `me` the id of the reader. Undefined when there is nothing to say.
 *  @param {MessageChange | RoomChange} event
 *  @param {Partial<RoomSettings>} before
 *  @param {string} me */
function wordsOf(event, before, me) {
  return words(event, before, me)?.trim();
}

/** @param {MessageChange | RoomChange} event
 *  @param {Partial<RoomSettings>} before
 *  @param {string} me */
function words(event, before, me) {
  const by = event.by.id === me ? say("you_by") : say("named", { name: personName(event.by) });
  if (event.kind === "about") return about(event.about, before, by);
  if (isMessageChange(event)) return event.kind === "pin" ? say("event_pin", { by }) : undefined;
  const self = event.who.id === event.by.id;
  const who = event.who.id === me ? say(self ? "you_by" : "you_who") : say("named", { name: personName(event.who) });
  const kind = event.kind !== "role" ? event.kind : self ? "resign" : `role_${event.role}`;
  return say(`event_${kind}`, { by, who });
}

/** @param {RoomSettings} now
 *  @param {Partial<RoomSettings>} before
 *  @param {string} by */
function about(now, before, by) {
  for (const name of SWITCHES) if (Boolean(now[name]) !== Boolean(before[name])) return say(`event_${name}_${now[name] ? "on" : "off"}`, { by });
  if (now.slow !== before.slow) return now.slow ? say("event_slow_on", { by, n: now.slow }) : say("event_slow_off", { by });
  if (now.name !== before.name) return say("event_name", { by, name: now.name });
  if (now.notice !== before.notice) return say("event_notice", { by });
  return now.topic !== before.topic ? say("event_topic", { by }) : undefined;
}
