// Who I am, as the page shows it: the foot of the rail and what the menu offers.

import { placeName, say } from "./words.js";

const CALLED = { owner: "house_owner", admin: "house_admin" };

export function showMe(me) {
  const visitor = me.kind === "visitor";
  document.getElementById("me-face").src = me.avatar;
  document.getElementById("me-name").textContent = me.name;
  document.getElementById("me-about").textContent = [say(visitor ? "visitor" : CALLED[me.role] ?? "member"), placeName(me.place)].filter(Boolean).join(" · ");
  for (const id of ["open-rename", "open-sign-in", "open-register"]) document.getElementById(id).hidden = !visitor;
  document.getElementById("sign-out").hidden = visitor;
  document.getElementById("connections").hidden = !(me.role in CALLED);
}
