// @ts-check
// Who I am: name and colour, what others see of me, tried out before it is saved; another password, and the end of the account. These two
// begin the page anew: who it belongs to has changed.

import { reloadWith, rememberNotice, toast } from "../ui/toast.js";
import { call } from "../net/api.js";
import { signOut, become } from "../account/sign-out.js";
import { session } from "../state/session.js";
import { SettingsForm } from "./form.js";
import { say } from "../ui/i18n.js";

export class AccountTab {
  #forms;

  constructor() {
    // Whom a site has brought has no password.
    const change = document.getElementById("password-form") && new SettingsForm("password-form", async ({ password, new_password }) => {
      await call("PUT", "me/password", { password, new_password });
      reloadWith("password_changed");
    }, (code) => (code === "wrong_password" ? "password" : code?.startsWith("password_") ? "new_password" : undefined));
    const end = new SettingsForm("delete-form", async ({ password, keep_files }) => {
      await signOut(session.me.id, async () => {
        await call("DELETE", "me", { password: password ?? "", keep_files: Boolean(keep_files) });
        rememberNotice("account_deleted");
      }, true);
    }, (code) => (code === "wrong_password" ? "password" : undefined));
    this.#forms = change ? [change, end] : [end];
  }

  open() {
    for (const form of this.#forms) if (form.fields.username) form.fields.username.value = session.me.name;
  }

  close() {
    for (const form of this.#forms) form.clear();
  }
}

export class ProfileTab {
  #form;
  #face = document.getElementById("set-face");

  constructor() {
    this.#form = new SettingsForm("profile-form", async ({ name, hue }) => {
      if (name !== session.me.name) become({ ...session.me, ...(await call("PUT", "me/name", { name })).me });
      if (hue !== hueOf(session.me.avatar)) become({ ...session.me, ...(await call("PUT", "me/profile", { hue: hue === "" ? null : Number(hue) })).me });
      this.open();
      toast(say("saved"));
    }, (code) => (["bad_name", "name_taken", "name_elsewhere"].includes(code) ? "name" : undefined));
    for (const each of this.#form.fields.hue) each.addEventListener("change", () => this.#try(each.value));
  }

  open() {
    const { name, avatar } = session.me;
    this.#form.mind();
    this.#form.fields.name.value = name;
    const hue = hueOf(avatar);
    for (const each of this.#form.fields.hue) each.checked = each.value === hue;
    this.#face.src = avatar;
  }

  /** @param {string} hue */
  #try(hue) {
    const [plain] = session.me.avatar.split("?");
    this.#face.src = hue === "" ? plain : `${plain}?h=${hue}`;
  }
}

/** @param {string} avatar */
function hueOf(avatar) {
  return avatar.split("?h=")[1] ?? "";
}
