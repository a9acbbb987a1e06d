// What happened in a room besides messages, in words for the timeline.

import { personName, say } from "./words.js";

/** Of a room's settings, those that are worth a word, in this order. */
const SWITCHES = ["archived", "read_only", "mute_all"];

/** `before` are the room's settings until then, `me` the id of the reader. Undefined when there is nothing to say. */
export function wordsOf(event, before, me) {
  return words(event, before, me)?.trim();
}

function words(event, before, me) {
  const by = event.by.id === me ? say("you_by") : say("named", { name: personName(event.by) });
  if (event.kind === "about") return about(event.about, before, by);
  const self = event.who.id === event.by.id;
  const who = event.who.id === me ? say(self ? "you_by" : "you_who") : say("named", { name: personName(event.who) });
  const kind = event.kind === "role" ? `role_${event.role}` : event.kind;
  if (event.kind === "join" || event.kind === "leave") return say(`event_${kind}`, { who: self ? by : who });
  return say(`event_${kind}`, { by, who });
}

function about(now, before, by) {
  for (const name of SWITCHES) if (now[name] !== before[name]) return say(`event_${name}_${now[name] ? "on" : "off"}`, { by });
  if (now.slow !== before.slow) return now.slow ? say("event_slow_on", { by, n: now.slow }) : say("event_slow_off", { by });
  if (now.name !== before.name) return say("event_name", { by, name: now.name });
  if (now.notice !== before.notice) return say("event_notice", { by });
  return now.topic !== before.topic ? say("event_topic", { by }) : undefined;
}
