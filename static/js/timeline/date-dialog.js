// @ts-check
// The dialog that asks for a day: it comes when it is first opened.

import { serverNow } from "../ui/dates.js";
import { FormDialog } from "../ui/dialog.js";

/** `to(at)` goes to the day that begins then. Gives what asks.
 *  @param {(at: number) => void} to */
export function dateDialog(to) {
  const dialog = new FormDialog("date-dialog", async ({ day }) => {
    to(dayStart(day));
  });
  return (at = serverNow()) => {
    document.getElementById("date-day").max = dayValue(serverNow());
    dialog.open({ day: dayValue(at) });
  };
}

/** A local day as a date field has it, and its beginning in ms.
 *  @param {number} at */
function dayValue(at) {
  const date = new Date(at);
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}

/** @param {string} value */
function dayStart(value) {
  return new Date(`${value}T00:00`).getTime();
}
