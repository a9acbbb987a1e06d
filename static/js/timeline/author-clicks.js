// Names and faces in the timeline, of authors and of those who are called: pressed, they lead to what can be done with the person.

import { personAt } from "./message-row.js";

/** `known(id)` is the person as the room knows him now, if it does; `menu` is what he can be asked. */
export function wireAuthors({ list, known, menu }) {
  list.addEventListener("click", ({ target }) => {
    const called = target.closest(".mention[role]");
    if (called) return menu.open(known(called.dataset.id) ?? calledAt(called), called);
    const row = target.closest(".head > .name, .msg > .face")?.closest(".msg");
    const name = row?.querySelector(".name");
    if (!name || name.disabled) return;
    const then = personAt(row);
    menu.open(known(then.id) ?? then, name);
  });
  list.addEventListener("keydown", (event) => {
    if (!event.target.matches(".mention[role]") || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    event.target.click();
  });
}

/** Who is called by name in a message: only accounts are. */
function calledAt({ dataset, textContent }) {
  return { id: dataset.id, kind: "user", name: textContent.replace(/^@/, ""), place: "" };
}
