// @ts-check
// Rows of the timeline: made from the page's templates, or read back from what the server rendered. Text is set as text; only the
// `html` that the server made of a message is taken as markup.

import { attach } from "./message-extras.js";
import { adoptFiles } from "./files-row.js";
import { clone } from "../ui/templates.js";
import { showMoment, showTime } from "../ui/dates.js";
import { enhanceBody, makeMentionsPressable } from "../message/body.js";
import { EVERYBODY, mentionsMe, isMine } from "../state/messages.js";
import { besideName, personName, say } from "../ui/i18n.js";

/** A message longer or taller than this is folded. */
const LONG_CHARS = 1_200;
const LONG_LINES = 14;
/** Emoji and nothing else, up to a few of them: they are larger. */
const EMOJI_ALONE = /^(?:\s*\p{RGI_Emoji}){1,6}\s*$/v;

/** A message as `me` sees it; `waiting` are the words of an edit that the server does not have yet.
 *  @param {Drawn} message
 *  @param {Me} me
 *  @param {OutboxItem} [waiting] */
export function messageRow(message, me, waiting) {
  const li = clone("message-template");
  li.classList.toggle("mine", isMine(message, me));
  stamp(li, message);
  li.querySelector(".face").src = message.by.avatar;
  const name = li.querySelector(".name");
  name.textContent = personName(message.by);
  name.disabled = !message.by.name;
  const place = li.querySelector(".place");
  place.textContent = besideName(message.by);
  place.classList.toggle("bot", Boolean(message.by.bot));
  fill(li, message, me, waiting);
  return li;
}

/** Writes what the server knows of the message: its number and time.
 *  @param {HTMLElement} li
 *  @param {Drawn} what1 */
export function stamp(li, { id, seq, rev, at, by }) {
  li.dataset.by = by.id;
  if (id === undefined) {
    for (const name of ["id", "seq", "rev"]) delete li.dataset[name];
    return;
  }
  Object.assign(li.dataset, { id, seq, rev });
  showTime(li.querySelector("time"), at);
}

/** Writes what the message says now, or will say when the server has what `waiting` asks for.
 *  @param {HTMLElement} li
 *  @param {Drawn} message
 *  @param {Me} me
 *  @param {OutboxItem} [waiting] */
export function fill(li, message, me, waiting) {
  const { html, content, edited } = message;
  const body = li.querySelector(".body");
  const words = waiting?.content ?? (html === undefined ? content : null);
  if (words === null) body.innerHTML = html;
  else body.textContent = words;
  body.classList.toggle("large", EMOJI_ALONE.test(words ?? content));
  enhance(body, me);
  fold(li, body);
  markMention(li, mentionsMe(message, me));
  markEdited(li, edited);
  attach(li, message, me);
  markPending(li, Boolean(waiting));
}

/** Whether it mentions me: an edit may take that back.
 *  @param {HTMLElement} li
 *  @param {boolean} mentioned */
function markMention(li, mentioned) {
  if (li.classList.toggle("mentions-me", mentioned) === Boolean(li.querySelector(".mention-badge"))) return;
  if (mentioned) li.querySelector(".head").append(clone("mention-badge-template"));
  else li.querySelector(".mention-badge").remove();
}

/** What is rendered is dressed as `me` sees it.
 *  @param {HTMLElement} body
 *  @param {Me} me */
function enhance(body, me) {
  enhanceBody(body, me);
  makeMentionsPressable(body);
}

/** The clock of what is not yet with the server.
 *  @param {HTMLElement} li
 *  @param {boolean} waits */
export function markPending(li, waits) {
  li.classList.toggle("waiting", waits);
  li.querySelector(".clock")?.remove();
  if (waits) li.querySelector(".head").append(clone("clock-template"));
}

/** Says that these are not the first words, and since when.
 *  @param {HTMLElement} li
 *  @param {number | undefined} edited */
function markEdited(li, edited) {
  li.querySelector(".edited")?.remove();
  if (edited === undefined) return;
  const sign = clone("edited-template");
  showMoment(sign, edited);
  li.querySelector(".head").append(sign);
}

/** Where a face and a name stand, the name can be pressed, and reached from the message; below them it is for a screen reader's ear only.
 *  @param {HTMLElement} li
 *  @param {boolean} first */
export function showAuthor(li, first) {
  li.classList.toggle("first", first);
  li.querySelector(".name").tabIndex = first && li.tabIndex === 0 ? 0 : -1;
}

/** @param {Entry} message
 *  @param {boolean} mine
 *  @param {(() => void) | null} [again] */
export function noteRow(message, mine, again) {
  const li = clone("note-template");
  li.classList.toggle("mine", mine);
  Object.assign(li.dataset, { id: message.id, seq: message.seq, rev: message.rev, by: message.by.id });
  li.firstElementChild.textContent = mine ? say("recalled_mine") : say("recalled", { name: personName(message.by) });
  if (again) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "link again", textContent: say("edit_again"), onclick: again });
    li.append(" · ", button);
  }
  return li;
}

/** What happened in the room, as an entry of its own: a note, nobody's words.
 *  @param {RoomChange | MessageChange} what0
 *  @param {string} text */
export function eventEntry({ seq, at, by: { id } }, text) {
  const li = clone("note-template");
  li.classList.add("event");
  Object.assign(li.dataset, { seq, by: id });
  li.firstElementChild.textContent = text;
  return { id: `e${seq}`, seq, rev: seq, at, by: { id }, recalled: true, li };
}

/** The author of a message, as its row shows them.
 *  @returns {Person}
 *  @param {HTMLElement} li */
export function authorOf(li) {
  const { by: id } = li.dataset;
  const name = li.querySelector(".name");
  const place = li.querySelector(".place");
  return {
    id,
    kind: id.startsWith("u") ? "user" : "visitor",
    name: name.disabled ? "" : name.textContent,
    bot: place.classList.contains("bot"),
    place: place.textContent,
    avatar: li.querySelector(".face").getAttribute("src"),
  };
}

/** The entry of a row that came with the page, as `me` sees it; `known` is what hangs on the message.
 *  @param {HTMLElement} li
 *  @param {Me} me
 *  @param {MessageExtras} [known] */
export function readRow(li, me, known) {
  const recalled = li.classList.contains("note");
  const time = li.querySelector("time");
  const { id, seq, rev } = li.dataset;
  const entry = { id: Number(id), seq: Number(seq), rev: Number(rev), at: Date.parse(recalled ? li.dataset.at : time.dateTime), li };
  if (recalled) return { ...entry, recalled, by: { id: li.dataset.by } };
  const body = li.querySelector(".body");
  const by = authorOf(li);
  showTime(time, entry.at);
  fold(li, body);
  const sign = li.querySelector(".edited");
  const edited = sign ? Date.parse(sign.dataset.at) : undefined;
  if (sign) showMoment(sign, edited);
  const mentions = li.classList.contains("mentions-me") ? [EVERYBODY] : [];
  const words = { content: li.dataset.source ?? body.textContent, html: body.innerHTML };
  body.classList.toggle("large", EMOJI_ALONE.test(words.content));
  enhance(body, me);
  adoptFiles(li, known?.files);
  return { ...entry, ...known, ...words, by, edited, mentions };
}

/** The line where a day begins; from it one goes to other days.
 *  @param {string} text
 *  @param {number} at */
export function dayRow(text, at) {
  const li = lineRow("day", "");
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: text, title: say("go_to_date") });
  button.dataset.at = String(at);
  li.replaceChildren(button);
  return li;
}

/** A line across the timeline.
 *  @param {string} kind
 *  @param {string} text */
export function lineRow(kind, text) {
  const li = document.createElement("li");
  li.className = kind;
  li.append(Object.assign(document.createElement("span"), { textContent: text }));
  return li;
}

/** @param {HTMLElement} li
 *  @param {HTMLElement} body */
function fold(li, body) {
  const text = body.textContent;
  const lines = text.split("\n", LONG_LINES + 1).length + body.querySelectorAll("br, p, li, tr").length;
  const long = text.length > LONG_CHARS || lines > LONG_LINES;
  li.classList.toggle("long", long);
  const button = li.querySelector(".unfold");
  if (!long) return button?.remove();
  if (button) return;
  const unfold = Object.assign(document.createElement("button"), { type: "button", className: "unfold", textContent: say("show_all") });
  unfold.setAttribute("aria-expanded", "false");
  unfold.onclick = () => {
    const open = li.classList.toggle("open");
    unfold.setAttribute("aria-expanded", String(open));
    unfold.textContent = say(open ? "show_less" : "show_all");
  };
  body.after(unfold);
}
