// @ts-check
// What stands in the composer's box while one speaks, and until that is sent or thrown away.

import { clock, voiceRow } from "../timeline/voice-row.js";
import { icon } from "../ui/templates.js";
import { say } from "../ui/i18n.js";
import { LiveBars } from "./live-bars.js";

/** What is seen: `asking` for the microphone, `held` by a finger, going on without one (`locked`), being `read`, or `ready` to go.
 *  @typedef {"asking" | "held" | "locked" | "reading" | "ready"} Stage */

export class RecorderView {
  #form = document.getElementById("composer");
  #button = document.getElementById("mic");
  #bar = document.createElement("section");
  #bars = new LiveBars();
  #time = Object.assign(document.createElement("span"), { className: "clock-text", role: "timer" });
  #hint = Object.assign(document.createElement("p"), { className: "hint" });
  #spoken = Object.assign(document.createElement("p"), { className: "hush", role: "status" });
  #heard = document.createElement("div");
  #warned = false;
  #discard;
  #listen;
  #send;

  /** What its buttons do; Escape is `discard`.
   *  @param {Record<"send" | "listen" | "discard", () => unknown>} does */
  constructor({ send, listen, discard }) {
    this.#discard = button("quiet discard", say("voice_discard"), "close", discard);
    this.#listen = button("quiet listen", say("voice_listen"), "play", listen);
    this.#send = button("primary send", say("send"), "send", send);
    Object.assign(this.#bar, { className: "recorder", ariaLabel: say("voice"), hidden: true });
    this.#heard.className = "heard";
    const light = Object.assign(document.createElement("i"), { className: "light" });
    this.#bar.append(this.#discard, light, this.#time, this.#bars.canvas, this.#hint, this.#heard, this.#listen, this.#send);
    document.getElementById("say").before(this.#bar);
    this.#form.append(this.#spoken);
    for (const part of [this.#bar, this.#button]) {
      part.addEventListener("keydown", (event) => {
        // A key that is still down from the button before presses nothing here.
        if (event.repeat && event.key === "Enter") event.preventDefault();
        if (event.key !== "Escape" || this.#bar.hidden) return;
        event.preventDefault();
        discard();
      });
    }
  }

  /** `held`: a finger is on the button, which stays where it is.
   *  @param {Stage} stage
   *  @param {boolean} [held] */
  show(stage, held = stage === "held") {
    const before = this.#bar.hidden ? undefined : this.#bar.dataset.stage;
    this.#bar.dataset.stage = stage;
    this.#bar.hidden = false;
    this.#form.classList.add("speaking");
    this.#form.classList.toggle("holding", held);
    this.#hint.textContent = stage === "asking" ? say("voice_asking") : stage === "held" ? say("voice_slide") : "";
    for (const each of [this.#listen, this.#send]) each.disabled = stage === "asking" || stage === "reading";
    if (before === stage) return;
    if (before === undefined || before === "asking") this.time(0);
    if (stage === "locked" || stage === "held") this.tell(say("voice_speak"));
    // Whoever came by key goes on by key.
    if (stage === "locked" || stage === "ready") this.#send.focus({ preventScroll: true });
    else if (stage === "asking" && !held) this.#discard.focus({ preventScroll: true });
  }

  /** What has been said, to be listened to.
   *  @param {{ ms: number, wave: string, url: string }} what */
  showHeard(what) {
    this.#heard.replaceChildren(voiceRow(what));
  }

  listen() {
    this.#heard.querySelector(".hear").click();
  }

  /** @param {number} ms */
  time(ms) {
    this.#time.textContent = clock(Math.floor(ms / 1000));
  }

  /** @param {number} ms
   *  @param {number} loudness */
  loudness(ms, loudness) {
    this.#bars.show(ms, loudness);
  }

  /** It ends in so many seconds.
   *  @param {number} seconds */
  warn(seconds) {
    const words = say("voice_left", { n: seconds });
    if (!this.#warned) this.tell(words);
    this.#warned = true;
    this.#hint.textContent = words;
  }

  /** For those who do not see it.
   *  @param {string} words */
  tell(words) {
    this.#spoken.textContent = words;
  }

  hide() {
    if (this.#bar.hidden) return;
    // What is disabled or hidden has lost the focus.
    const { activeElement } = document;
    const within = this.#bar.contains(activeElement) || activeElement === document.body;
    this.#bar.hidden = true;
    this.#form.classList.remove("speaking", "holding");
    this.#heard.replaceChildren();
    this.#bars.clear();
    this.#warned = false;
    if (within) this.#button.focus({ preventScroll: true });
  }
}

/** @param {string} className
 *  @param {string} text
 *  @param {string} sign
 *  @param {() => unknown} act */
function button(className, text, sign, act) {
  const element = Object.assign(document.createElement("button"), { type: "button", className, ariaLabel: text, title: text, onclick: act });
  element.append(icon(sign));
  return element;
}
