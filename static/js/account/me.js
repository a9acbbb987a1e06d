// Who I am, as the page shows it: the foot of the rail and what the menu offers.

import { mayRegister } from "./registration.js";
import { placeName, say } from "../ui/i18n.js";

const CALLED = { owner: "house_owner", admin: "house_admin" };

export function showMe(me) {
  const visitor = me.kind === "visitor";
  document.getElementById("me-face").src = me.avatar;
  document.getElementById("me-name").textContent = me.name;
  document.getElementById("me-about").textContent = [say(visitor ? "visitor" : CALLED[me.role] ?? "member"), placeName(me.place)].filter(Boolean).join(" · ");
  for (const id of ["open-rename", "open-sign-in", "door"]) document.getElementById(id).hidden = !visitor;
  const may = visitor && mayRegister();
  document.getElementById("open-register").hidden = !may;
  document.getElementById("door").textContent = say(may ? "door" : "sign_in");
  document.getElementById("sign-out").hidden = visitor;
  document.getElementById("connections").hidden = !(me.role in CALLED);
}
