// The menu: what opens a dialog, signs out, or changes language and theme.

import { call } from "./api.js";
import { FormDialog } from "./dialog.js";
import { wireInstall } from "./install.js";
import { prefer } from "./preferences.js";
import { showTheme } from "./theme.js";
import { toast } from "./toast.js";
import { say } from "./words.js";

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
    renamed(answer.me);
    toast(say("renamed"));
  });
  const signIn = new FormDialog("sign-in-dialog", async (values) => {
    await call("POST", "session", values);
    location.reload();
  });
  const register = new FormDialog("register-dialog", async (values) => {
    await call("POST", "register", values);
    location.reload();
  });
  opens("open-rename", rename, () => ({ name: me().name }));
  opens("open-sign-in", signIn);
  opens("open-register", register);
  wireInstall(menu);

  const other = { "sign-in-dialog": signIn, "register-dialog": register };
  for (const button of document.querySelectorAll(".other")) {
    button.onclick = () => {
      const here = other[button.closest("dialog").id];
      const { name } = here.values;
      here.close();
      other[button.dataset.opens].open({ name });
    };
  }

  on("sign-out", () => attempt(async () => {
    await call("DELETE", "session");
    location.reload();
  }));
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

  return { signIn: () => signIn.open(), register: () => register.open() };
}

async function attempt(act) {
  try {
    await act();
  } catch (error) {
    toast(error.message);
  }
}
