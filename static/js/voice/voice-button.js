// @ts-check
// The microphone beside the box. What a press on it does comes with the first one (recording.js).

import { session } from "../state/session.js";

export class VoiceButton {
  #button = document.getElementById("mic");
  /** @type {import("./recording.js").Recording | undefined} */
  #recording;
  /** How often what a press had meant has come to nothing. */
  #over = 0;

  /** `load()` fetches what records.
   *  @param {{ load: () => Promise<import("./recording.js").Recording | undefined> }} parts */
  constructor({ load }) {
    const button = this.#button;
    const fetched = async () => (this.#recording = await load());
    /** What a press is for, unless that comes when it would be spoken elsewhere. */
    const wanted = async () => {
      const before = this.#over;
      const recording = this.#recording ?? await fetched();
      return this.#over === before ? recording : undefined;
    };
    button.onpointerenter = button.onfocus = fetched;
    button.onpointerdown = async (event) => {
      if (event.button) return;
      button.setPointerCapture(event.pointerId);
      const recording = await wanted();
      // A finger that has left meanwhile has made a click.
      if (button.hasPointerCapture(event.pointerId)) recording?.press(button, event);
    };
    button.onclick = async (event) => (await wanted())?.click(event);
    // A long press is for speaking, not for a menu.
    button.oncontextmenu = (event) => event.preventDefault();
  }

  /** The room is laid aside. */
  leave() {
    this.#over += 1;
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
    if (may && open) return;
    this.#over += 1;
    this.#recording?.rest();
  }
}
