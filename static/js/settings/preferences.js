// @ts-check
// Look and notifications: each choice holds at once and is kept.

import { permission } from "../notify/notifications.js";
import { setPreferences, preferences } from "../state/preferences.js";
import { showTheme } from "../account/menu.js";
import { toast } from "../ui/toast.js";
import { say } from "../ui/i18n.js";

const NIGHT = { from: "22:00", to: "08:00" };

class PreferencesTab {
  /** @param {keyof ElementById} id */
  constructor(id) {
    this.panel = document.getElementById(id);
    this.panel.addEventListener("change", ({ target }) => this.#changed(/** @type {HTMLInputElement} */ (target)));
  }

  /** @param {string} name */
  field(name) {
    return /** @type {HTMLInputElement} */ (this.panel.querySelector(`[name="${name}"]`));
  }

  open() {
    for (const radio of this.panel.querySelectorAll("input[type=radio]")) radio.checked = preferences[/** @type {keyof Preferences} */ (radio.name)] === radio.value;
  }

  /** Keeps what was chosen; each tab knows how.
   *  @param {HTMLInputElement} _field
   *  @returns {Promise<void>} */
  async changed(_field) {}

  /** @param {HTMLInputElement} field */
  async #changed(field) {
    try {
      await this.changed(field);
    } catch (error) {
      toast(error.message);
    }
    if (this.panel.isConnected) this.open();
  }
}

export class AppearanceTab extends PreferencesTab {
  constructor() {
    super("set-look");
  }

  /** @param {HTMLInputElement} what */
  async changed({ name, value }) {
    const before = preferences.theme;
    if (name === "theme") showTheme(/** @type {Theme} */ (value));
    try {
      await setPreferences({ [name]: value });
    } catch (error) {
      showTheme(before);
      throw error;
    }
    if (name === "lang") location.reload();
  }
}

export class NotificationsTab extends PreferencesTab {
  #ask = document.getElementById("permit");

  constructor() {
    super("set-news");
    this.#ask.onclick = async () => {
      await Notification.requestPermission();
      this.open();
    };
  }

  open() {
    super.open();
    const { sound, quiet } = preferences;
    this.field("sound").checked = sound;
    this.field("quiet").checked = quiet !== null;
    document.getElementById("quiet-hours").hidden = quiet === null;
    this.field("from").value = quiet?.from ?? NIGHT.from;
    this.field("to").value = quiet?.to ?? NIGHT.to;
    const state = permission();
    const focused = document.activeElement === this.#ask;
    this.#ask.hidden = state !== "default";
    if (focused && this.#ask.hidden) this.field("sound").focus();
    document.getElementById("permission").textContent = say(`permission_${state}`);
  }

  /** @param {HTMLInputElement} field */
  async changed(field) {
    const { name, value, checked } = field;
    if (name === "notify") return setPreferences({ notify: /** @type {NotifyLevel} */ (value) });
    if (name === "sound") return setPreferences({ sound: checked });
    if (name === "quiet" && !checked) return setPreferences({ quiet: null });
    const quiet = { from: this.field("from").value, to: this.field("to").value };
    // A time that is being typed is none yet.
    if (quiet.from && quiet.to) return setPreferences({ quiet });
  }
}
