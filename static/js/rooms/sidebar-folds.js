// Sections of the rail that are folded. What waits in them, and where one is, shows all the same.

import { keep, kept } from "../state/local-store.js";

const FOLDED = "folded";

export function wireFolds() {
  const folded = new Set(kept(FOLDED).split(" ").filter(Boolean));
  for (const button of document.querySelectorAll(".fold")) {
    const list = document.getElementById(button.getAttribute("aria-controls"));
    const show = () => {
      button.ariaExpanded = String(!folded.has(list.id));
      list.classList.toggle("folded", folded.has(list.id));
    };
    button.onclick = () => {
      if (!folded.delete(list.id)) folded.add(list.id);
      keep(FOLDED, [...folded].join(" "));
      show();
    };
    show();
  }
}
