// What stands around a row by the one before it: the line of a new day, the line where the new ones begin, a face or none.

import { dayKey, dayName } from "../ui/dates.js";
import { follows } from "../state/messages.js";
import { dayRow, head, lineRow } from "./message-row.js";
import { say } from "../ui/i18n.js";

/** `last` is the entry before, `fresh` says that the new ones begin here. */
export function dress(list, entry, last, fresh) {
  const newDay = !last || dayKey(last.at) !== dayKey(entry.at);
  line(list, entry, "day", newDay, () => dayRow(dayName(entry.at), entry.at));
  line(list, entry, "fresh", fresh, () => lineRow("fresh", say("fresh")));
  if (!entry.recalled) head(entry.li, newDay || fresh || !follows(last, entry));
}

/** Takes the row out of the document, and its lines with it. */
export function undress(entry) {
  for (const part of ["day", "fresh", "li"]) entry[part]?.remove();
  entry.day = entry.fresh = null;
}

/** Days have changed their names. */
export function redate({ day, at }) {
  if (day) day.firstElementChild.textContent = dayName(at);
}

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
