// Name and colour: what others see of me, tried out before it is saved.

import { call } from "../net/api.js";
import { SettingsForm } from "./form.js";
import { toast } from "../ui/toast.js";
import { say } from "../ui/i18n.js";

export class ProfileTab {
  #me;
  #form;
  #face = document.getElementById("set-face");

  constructor({ me, becomes }) {
    this.#me = me;
    this.#form = new SettingsForm("profile-form", async ({ name, hue }) => {
      if (name !== me().name) becomes({ ...me(), ...(await call("PUT", "me/name", { name })).me });
      if (hue !== hueOf(me().avatar)) becomes({ ...me(), ...(await call("PUT", "me/look", { hue: hue === "" ? null : Number(hue) })).me });
      this.open();
      toast(say("saved"));
    }, (code) => (code === "bad_name" || code === "name_taken" ? "name" : undefined));
    for (const each of this.#form.fields.hue) each.addEventListener("change", () => this.#try(each.value));
  }

  open() {
    const { name, avatar } = this.#me();
    this.#form.mind();
    this.#form.fields.name.value = name;
    const hue = hueOf(avatar);
    for (const each of this.#form.fields.hue) each.checked = each.value === hue;
    this.#face.src = avatar;
  }

  #try(hue) {
    const [plain] = this.#me().avatar.split("?");
    this.#face.src = hue === "" ? plain : `${plain}?h=${hue}`;
  }
}

function hueOf(avatar) {
  return avatar.split("?h=")[1] ?? "";
}
