// Another password, and the end of the account. Both begin the page anew: who it belongs to has changed.

import { anew, remember } from "../ui/reload-notice.js";
import { call } from "../net/api.js";
import { depart } from "../account/sign-out.js";
import { SettingsForm } from "./form.js";

export class AccountTab {
  #forms;
  #me;

  constructor({ me }) {
    this.#me = me;
    const change = new SettingsForm("password-form", async ({ password, new_password }) => {
      await call("PUT", "me/password", { password, new_password });
      anew("password_changed");
    }, (code) => (code === "wrong_password" ? "password" : code?.startsWith("password_") ? "new_password" : undefined));
    const end = new SettingsForm("delete-form", async ({ password }) => {
      await depart(me().id, async () => {
        await call("DELETE", "me", { password });
        remember("account_deleted");
      }, true);
    }, (code) => (code === "wrong_password" ? "password" : undefined));
    this.#forms = [change, end];
  }

  open() {
    for (const form of this.#forms) form.fields.username.value = this.#me().name;
  }

  close() {
    for (const form of this.#forms) form.clear();
  }
}
