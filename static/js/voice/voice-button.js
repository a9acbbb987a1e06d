// @ts-check
// The microphone beside the box. What a press on it does comes with the first one (recording.js).

import { session } from "../state/session.js";

export class VoiceButton {
  #button = document.getElementById("mic");
  /** @type {import("./recording.js").Recording | undefined} */
  #recording;

  /** `load()` fetches what records.
   *  @param {{ load: () => Promise<import("./recording.js").Recording | undefined> }} parts */
  constructor({ load }) {
    const button = this.#button;
    const fetched = async () => (this.#recording = await load());
    button.onpointerenter = button.onfocus = fetched;
    button.onpointerdown = async (event) => {
      if (event.button) return;
      button.setPointerCapture(event.pointerId);
      const recording = this.#recording ?? await fetched();
      // A finger that has left meanwhile has made a click.
      if (button.hasPointerCapture(event.pointerId)) recording?.press(button, event);
    };
    button.onclick = async (event) => (this.#recording ?? await fetched())?.click(event);
    // A long press is for speaking, not for a menu.
    button.oncontextmenu = (event) => event.preventDefault();
  }

  /** The room is laid aside. */
  leave() {
    this.#recording?.leave();
  }

  /** Another room is open. */
  enter() {
    this.#recording?.enter();
  }

  /** What one may do may be another now; `open`: one may write here at all.
   *  @param {boolean} open */
  show(open) {
    const may = Boolean(session.limits.files?.voice);
    this.#button.hidden = !may;
    if (!may || !open) this.#recording?.rest();
  }
}
