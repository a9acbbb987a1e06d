// The message that the keyboard is at: it shows so, the arrows go to its neighbours, R answers it.

import { RowStops } from "./row-stops.js";

const STEPS = { ArrowUp: "previousElementSibling", ArrowDown: "nextElementSibling" };

/** `find(id)` is the message of a row, `acts` what one can do with it. */
export function wireRowKeys({ list, find, acts }) {
  new RowStops(list);
  // A press with the mouse takes the focus there too, and means nothing by it.
  list.addEventListener("focusin", ({ target }) => target.closest(".msg")?.classList.toggle("keyed", target.matches(":focus-visible")));
  list.addEventListener("focusout", ({ target }) => target.closest(".msg")?.classList.remove("keyed"));
  list.addEventListener("keydown", (event) => {
    const { key, target, ctrlKey, metaKey, altKey, shiftKey } = event;
    const row = target.closest(".msg");
    if (!row || ctrlKey || metaKey || altKey || shiftKey) return;
    if (key in STEPS) step(event, row, STEPS[key]);
    else if (key.toLowerCase() === "r") answer(event, find(Number(row.dataset.id)));
  });

  function answer(event, entry) {
    if (!entry || !acts.may("reply", entry)) return;
    event.preventDefault();
    acts.do("reply", entry);
  }
}

function step(event, row, way) {
  let next = row[way];
  while (next && !next.matches(".msg")) next = next[way];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
