// Names and faces in the timeline: pressed, they lead to what can be done with the one who wrote there.

import { personAt } from "./row.js";

/** `known(id)` is the person as the room knows him now, if it does; `menu` is what he can be asked. */
export function wireAuthors({ list, known, menu }) {
  list.addEventListener("click", ({ target }) => {
    const row = target.closest(".head > .name, .msg > .face")?.closest(".msg");
    const name = row?.querySelector(".name");
    if (!name || name.disabled) return;
    const then = personAt(row);
    menu.open(known(then.id) ?? then, name);
  });
}
