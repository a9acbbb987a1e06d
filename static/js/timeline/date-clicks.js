// To a day: whoever presses one in the roll, or wants one from the room's menu, is asked which.

import { dayStart, dayValue, serverNow } from "../ui/dates.js";
import { FormDialog } from "../ui/dialog.js";

/** `to(at)` goes to the day that begins then. Gives what asks. */
export function wireDates({ list, to }) {
  const dialog = new FormDialog("date-dialog", async ({ day }) => {
    to(dayStart(day));
  });
  const ask = (at = serverNow()) => {
    document.getElementById("date-day").max = dayValue(serverNow());
    dialog.open({ day: dayValue(at) });
  };
  list.addEventListener("click", ({ target }) => {
    const day = target.closest(".day button");
    if (day) ask(Number(day.dataset.at));
  });
  return ask;
}
