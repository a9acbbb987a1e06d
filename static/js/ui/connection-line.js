// @ts-check
// The line above the composer that says how the connection is. Nothing while all is well; a try is named only when it takes long.

import { say } from "./i18n.js";

const CALM_MS = 1_200;
const TICK_MS = 500;
/** States without a line to the server. */
const OFF = new Set(["waiting", "offline", "stopped"]);
/** What helps after each reason to stay away; otherwise another try. */
/** @type {Record<string, "reload" | "signIn">} */
const HELP = { signed_out: "reload", version: "reload", closed: "signIn" };
const LABEL = { tryNow: "try_now", reload: "reload", signIn: "sign_in" };

export class ConnectionLine {
  #line = document.getElementById("state");
  #spoken = document.getElementById("state-spoken");
  #text = document.createElement("span");
  #button = Object.assign(document.createElement("button"), { type: "button" });
  /** @type {ConnectionState} */
  #state = { name: "connecting" };
  #since = Date.now();
  #calm = true;
  /** What was read out since all was well. */
  #said = new Set();
  #unsent;

  /** `unsent()` counts what waits; `act` says what the button does: `tryNow`, `reload`, `signIn`.
   *  @param {{ unsent: () => number, act: Record<"tryNow" | "reload" | "signIn", () => void> }} parts */
  constructor({ unsent, act }) {
    this.#unsent = unsent;
    this.#button.onclick = () => act[this.#offer]();
    this.#line.replaceChildren(this.#text, this.#button);
    this.#draw();
    setInterval(() => this.#state.name !== "live" && this.#draw(), TICK_MS);
  }

  /** @param {ConnectionState} state */
  show(state) {
    if (state.name !== this.#state.name) this.#since = Date.now();
    if (state.name === "live") this.#calm = true;
    else if (state.name !== "connecting" && state.name !== "catching-up") this.#calm = false;
    this.#state = state;
    this.#line.dataset.state = state.name;
    // For signs all over the page: a rule that looks for the state from above would be tried again with every message.
    document.documentElement.dataset.line = OFF.has(state.name) ? "off" : state.name;
    this.#draw();
  }

  /** @returns {"tryNow" | "reload" | "signIn"} */
  get #offer() {
    return HELP[this.#state.why] ?? "tryNow";
  }

  #draw() {
    const { name, until } = this.#state;
    const text = this.#words(Math.max(1, Math.ceil((until - Date.now()) / 1000)));
    const unsent = text && this.#unsent();
    this.#text.textContent = unsent ? `${text} · ${say("unsent", { n: unsent })}` : text;
    this.#button.hidden = !OFF.has(name);
    this.#button.textContent = say(LABEL[this.#offer]);
    this.#speak(text && this.#words("…"));
  }

  /** The count of seconds is for the eye, and so is each further try: a reader hears everything once until all is well again.
   *  @param {string} text */
  #speak(text) {
    if (this.#state.name === "live") {
      this.#said.clear();
      this.#spoken.textContent = "";
    } else if (text && !this.#said.has(text)) {
      this.#said.add(text);
      this.#spoken.textContent = text;
    }
  }

  /** @param {number | string} seconds */
  #words(seconds) {
    const { name, why, said } = this.#state;
    if (name === "waiting" && said) return `${said} ${say("next_try_in", { n: seconds })}`;
    if (name === "waiting") return say("reconnecting_in", { n: seconds });
    if (name === "offline") return say("offline", { n: seconds });
    if (name === "stopped") return why ? say(`stopped_${why}`) : say("stopped");
    if (name === "live" || (this.#calm && Date.now() - this.#since < CALM_MS)) return "";
    return say(name === "catching-up" ? "catching_up" : "connecting");
  }
}
