// @ts-check
// What stands around a row by the one before it: the line of a new day, the line where the new ones begin, a face or none.

import { dayKey, dayName } from "../ui/dates.js";
import { follows } from "../state/messages.js";
import { dayRow, showAuthor, lineRow } from "./message-row.js";
import { say } from "../ui/i18n.js";

/** `last` is the entry before, `fresh` says that the new ones begin here.
 *  @param {HTMLElement} list
 *  @param {Shown} entry
 *  @param {Entry | undefined} last
 *  @param {boolean} fresh */
export function decorate(list, entry, last, fresh) {
  const newDay = !last || dayKey(last.at) !== dayKey(entry.at);
  line(list, entry, "day", newDay, () => dayRow(dayName(entry.at), entry.at));
  line(list, entry, "fresh", fresh, () => lineRow("fresh", say("fresh")));
  if (!entry.recalled) showAuthor(entry.li, newDay || fresh || !follows(last, entry));
}

/** Takes the row out of the document, and its lines with it.
 *  @param {Shown} entry */
export function undecorate(entry) {
  for (const part of [entry.day, entry.fresh, entry.li]) part?.remove();
  entry.day = entry.fresh = null;
}

/** Days have changed their names.
 *  @param {Entry} entry */
export function redate({ day, at }) {
  if (day) day.firstElementChild.textContent = dayName(at);
}

/** @param {HTMLElement} list
 *  @param {Shown} entry
 *  @param {"day" | "fresh"} kind
 *  @param {boolean} wanted
 *  @param {() => HTMLElement} row */
function line(list, entry, kind, wanted, row) {
  if (wanted === Boolean(entry[kind])) return;
  if (wanted) {
    entry[kind] = row();
    list.insertBefore(entry[kind], kind === "day" && entry.fresh ? entry.fresh : entry.li);
  } else {
    entry[kind].remove();
    entry[kind] = null;
  }
}
