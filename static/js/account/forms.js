// @ts-check
// The forms by which people sign in, register, and as visitors choose a name: they come when one is first opened.

import { call } from "../net/api.js";
import { handOver } from "./handover.js";
import { chosenName, invitation, mayRegister, nameChosen } from "./registration.js";
import { become } from "./sign-out.js";
import { pathOf } from "../state/rooms.js";
import { session } from "../state/session.js";
import { FormDialog } from "../ui/dialog.js";
import { toast } from "../ui/toast.js";
import { say } from "../ui/i18n.js";

/** Gives back what opens them. */
export function accountForms() {
  const rename = new FormDialog("rename-dialog", async ({ name }) => {
    const answer = await call("PUT", "me/name", { name });
    nameChosen(answer.me.name);
    become(answer.me);
    toast(say("renamed"));
  });
  const signIn = new FormDialog("sign-in-dialog", async (values) => {
    const answer = await call("POST", "session", values);
    handOver(session.me.id, answer.me.id);
    location.reload();
  });
  // Without passwords nobody registers, and the page has no form for it.
  const register = document.getElementById("register-dialog") && new FormDialog("register-dialog", async (values) => {
    const invited = invitation();
    const { me: now, room } = await call("POST", "register", { ...values, ...(invited && { invitation: invited.code }) });
    handOver(session.me.id, now.id);
    if (room) location.replace(pathOf(room.id));
    else if (invited && !invited.room) location.replace("/");
    else location.reload();
  });
  const why = document.querySelector("#sign-in-dialog .why");
  /** @type {Record<string, FormDialog>} */
  const other = { "sign-in-dialog": signIn, "register-dialog": register };
  const toRegister = document.querySelector("[data-opens=register-dialog]");

  for (const button of document.querySelectorAll("[data-opens]")) {
    button.onclick = () => {
      const here = other[button.closest("dialog").id];
      const { name } = here.values;
      here.close();
      other[button.dataset.opens].open({ name: name || (button === toRegister ? chosenName() : "") });
    };
  }

  return {
    /** @param {string} reason */
    signIn(reason) {
      why.textContent = reason;
      why.hidden = !reason;
      if (toRegister) {
        toRegister.hidden = !mayRegister();
        document.getElementById("no-register").hidden = mayRegister();
      }
      signIn.open();
    },
    register: () => register?.open({ name: chosenName() }),
    rename: () => rename.open({ name: session.me.name }),
  };
}
