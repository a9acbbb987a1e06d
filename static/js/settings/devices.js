// @ts-check
// Where I am signed in, and signing out there.

import { call } from "../net/api.js";
import { clone } from "../ui/templates.js";
import { moment } from "../ui/dates.js";
import { toast } from "../ui/toast.js";
import { placeName, say } from "../ui/i18n.js";
import { want } from "./wanted.js";

/** Seen so lately is now. */
const NOW_MS = 60_000;

export class DevicesTab {
  #list = document.getElementById("devices");
  #others = document.getElementById("sign-out-others");
  #problem = document.querySelector("#set-devices .problem");
  #asked = 0;

  constructor() {
    this.#others.onclick = () => this.#endOthers();
  }

  async open() {
    this.#asked += 1;
    const asked = this.#asked;
    this.#list.ariaBusy = "true";
    try {
      const { devices } = await call("GET", "me/devices");
      // A later answer has been drawn.
      if (asked !== this.#asked) return;
      this.#problem.textContent = "";
      this.#draw(devices);
    } catch (error) {
      this.#problem.textContent = error.message;
    }
    this.#list.ariaBusy = "false";
  }

  /** @param {Device[]} devices */
  #draw(devices) {
    this.#list.replaceChildren(...devices.map((device) => this.#row(device)));
    this.#others.hidden = devices.length < 2;
  }

  /** @param {Device} device */
  #row(device) {
    const row = clone("device-template");
    const [what, about, button] = [row.querySelector("b"), row.querySelector("small"), row.querySelector("button")];
    const browser = device.name || say("device_unknown");
    const name = device.host ? say("device_on", { host: new URL(device.host).host }) : browser;
    what.textContent = name;
    const when = device.here ? say("device_here") : Date.now() - device.seen < NOW_MS ? say("device_now") : say("device_seen", { when: moment(device.seen) });
    about.classList.toggle("here", device.here);
    about.textContent = [device.host && browser, when, placeName(device.place)].filter(Boolean).join(" · ");
    about.title = say("device_since", { when: moment(device.at) });
    button.hidden = device.here;
    button.setAttribute("aria-label", say("sign_out_device", { name }));
    button.onclick = () => this.#end(`me/devices/${device.id}`, say("signed_out_device", { name }));
    return row;
  }

  /** Whoever fears for their account looks through their keys, too: programs with one are not signed out. */
  async #endOthers() {
    await this.#end("me/devices", say("signed_out_others"));
    const keys = await call("GET", "me/tokens").then(({ tokens }) => tokens.length, () => 0);
    if (!keys) return;
    want({ left: true });
    document.getElementById("tab-keys").click();
  }

  /** @param {"me/devices" | `me/devices/${string}`} path
   *  @param {string} done */
  async #end(path, done) {
    try {
      await call("DELETE", path);
      toast(done);
    } catch (error) {
      if (error.code !== "not_found") return toast(error.message);
    }
    await this.open();
    document.getElementById("tab-devices").focus();
  }
}
