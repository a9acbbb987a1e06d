// A message that was found: who, where, when, and the piece of it with the words marked.

import { clone } from "../ui/templates.js";
import { when } from "../ui/dates.js";
import { pathOf } from "../state/rooms.js";
import { personName } from "../ui/i18n.js";

/** The row of a hit as the API tells it; its link leads there. */
export function hitRow({ room, message, text, marks }) {
  const row = clone("hit-template");
  row.querySelector("a").href = pathOf(room.id, message.id);
  row.querySelector(".face").src = message.by.avatar;
  row.querySelector(".name").textContent = personName(message.by);
  row.querySelector(".where").textContent = room.name;
  row.querySelector(".when").textContent = when(message.at);
  row.querySelector(".piece").replaceChildren(...marked(text, marks));
  return row;
}

/** The text, with a <mark> around each `[from, to]` in UTF-16 units. */
export function marked(text, marks) {
  const parts = [];
  let end = 0;
  for (const [from, to] of marks) {
    parts.push(text.slice(end, from), Object.assign(document.createElement("mark"), { textContent: text.slice(from, to) }));
    end = to;
  }
  return [...parts, text.slice(end)];
}
