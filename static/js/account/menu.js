// The menu: what opens a dialog, signs out, or changes language and theme.

import { call } from "../net/api.js";
import { handOver } from "./handover.js";
import { depart } from "./sign-out.js";
import { FormDialog } from "../ui/dialog.js";
import { chosenName, invitation, mayRegister, nameChosen } from "./registration.js";
import { wireInstall } from "./install.js";
import { prefer } from "../state/preferences.js";
import { showTheme } from "./theme.js";
import { pathOf } from "../state/rooms.js";
import { toast } from "../ui/toast.js";
import { say } from "../ui/i18n.js";

/** `me()` is who I am now; `renamed(me)` takes the new name. Gives back what others may open. */
export function wireMenu({ me, renamed }) {
  const menu = document.getElementById("menu");
  const on = (id, act) => document.getElementById(id).addEventListener("click", act);
  const opens = (id, dialog, values) => on(id, () => {
    menu.hidePopover();
    dialog.open(values?.());
  });

  const rename = new FormDialog("rename-dialog", async ({ name }) => {
    const answer = await call("PUT", "me/name", { name });
    nameChosen(answer.me.name);
    renamed(answer.me);
    toast(say("renamed"));
  });
  const signIn = new FormDialog("sign-in-dialog", async (values) => {
    const answer = await call("POST", "session", values);
    handOver(me().id, answer.me.id);
    location.reload();
  });
  const register = new FormDialog("register-dialog", async (values) => {
    const invited = invitation();
    const { me: now, room } = await call("POST", "register", { ...values, ...(invited && { invitation: invited.code }) });
    handOver(me().id, now.id);
    if (room) location.replace(pathOf(room.id));
    else if (invited && !invited.room) location.replace("/");
    else location.reload();
  });
  const why = document.querySelector("#sign-in-dialog .why");
  const other = { "sign-in-dialog": signIn, "register-dialog": register };
  const toRegister = document.querySelector("[data-opens=register-dialog]");
  /** `reason` says what one would have to sign in for. */
  const openSignIn = (reason = "") => {
    why.textContent = reason;
    why.hidden = !reason;
    toRegister.hidden = !mayRegister();
    document.getElementById("no-register").hidden = mayRegister();
    signIn.open();
  };
  const openRegister = () => register.open({ name: chosenName() });
  opens("open-rename", rename, () => ({ name: me().name }));
  for (const [id, open] of Object.entries({ "open-sign-in": openSignIn, "open-register": openRegister, door: openSignIn })) {
    on(id, () => {
      menu.hidePopover();
      open();
    });
  }
  wireInstall(menu);

  for (const button of document.querySelectorAll("[data-opens]")) {
    button.onclick = () => {
      const here = other[button.closest("dialog").id];
      const { name } = here.values;
      here.close();
      other[button.dataset.opens].open({ name: name || (button === toRegister ? chosenName() : "") });
    };
  }

  on("sign-out", () => attempt(() => depart(me().id, () => call("DELETE", "session"))));
  for (const lang of ["zh", "en"]) {
    on(`lang-${lang}`, () => attempt(async () => {
      await prefer({ lang });
      location.reload();
    }));
  }
  for (const theme of ["auto", "light", "dark"]) {
    on(`theme-${theme}`, () => attempt(async () => {
      showTheme(theme);
      await prefer({ theme });
    }));
  }

  return { signIn: openSignIn, register: openRegister };
}

async function attempt(act) {
  try {
    await act();
  } catch (error) {
    toast(error.message);
  }
}
