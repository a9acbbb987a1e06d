// @ts-check
// Clicks in the timeline: quotes, reactions, names, avatars, days.

import { authorOf } from "../timeline/message-row.js";

/** `jump(id)` brings the reader to a message, `react(entry, emoji)` puts an emoji on it or takes it away, `choose(entry, button)` lets
 *  the reader choose one, `versions(entry)` shows what it said before, `picture(entry, link)` a picture of it large.
 *  @param {Pick<App, "list"> & { find: (id: number) => Entry | undefined, jump: (id: number) => void, react: (entry: Entry, emoji: string) => void, choose: (entry: Entry, button: HTMLButtonElement) => void, versions: (entry: Entry) => void, picture: (entry: Entry, link: HTMLElement) => void }} what */
export function wireMessageClicks({ list, find, jump, react, choose, versions, picture }) {
  list.addEventListener("click", (event) => {
    const { target, ctrlKey, metaKey, shiftKey } = event;
    const part = target.closest(".quote, .chip, .edited, .pic > a");
    const entry = part && find(Number(part.closest(".msg").dataset.id));
    if (!entry) return;
    if (part.matches(".quote")) jump(Number(part.dataset.id));
    else if (part.matches(".edited")) versions(entry);
    else if (part.matches("a")) {
      // Any other press opens what the browser makes of it.
      if (ctrlKey || metaKey || shiftKey) return;
      event.preventDefault();
      picture(entry, part);
    } else if (part.matches(".another")) choose(entry, /** @type {HTMLButtonElement} */ (part));
    else react(entry, part.dataset.emoji);
  });
}

/** `load()` fetches what plays voices: when a hand or the focus comes near one, or with the first press.
 *  @param {{ load: () => Promise<Player | undefined> }} what */
export function wireVoiceClicks({ load }) {
  /** @param {On<Event>} event */
  const near = ({ target }) => {
    if (target.closest(".voice")) load();
  };
  document.addEventListener("pointerover", near);
  document.addEventListener("focusin", near);
  document.addEventListener("click", async (event) => {
    const part = event.target.closest(".voice > :is(button, .wave)");
    const player = part && await load();
    // The room may have been left meanwhile.
    if (part?.isConnected) player?.press(part, event);
  });
}

/** `known(id)` is the person as the room knows them now, if it does; `menu` is what they can be asked.
 *  @param {Pick<App, "list"> & { known: (id: string) => Person | undefined, menu: PersonMenu }} what */
export function wireAuthorClicks({ list, known, menu }) {
  list.addEventListener("click", ({ target }) => {
    const called = target.closest(".mention[role]");
    if (called) return menu.open(known(called.dataset.id) ?? calledAt(called), called);
    const row = target.closest(".head > .name, .msg > .face")?.closest(".msg");
    const name = row?.querySelector(".name");
    if (!name || name.disabled) return;
    const then = authorOf(row);
    menu.open(known(then.id) ?? then, name);
  });
  list.addEventListener("keydown", (event) => {
    if (!event.target.matches(".mention[role]") || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    event.target.click();
  });
}

/** Who is called by name in a message: only accounts are.
 *  @returns {Person}
 *  @param {HTMLElement} what */
function calledAt({ dataset, textContent }) {
  return { id: dataset.id, kind: "user", name: textContent.replace(/^@/, ""), place: "", avatar: "" };
}

/** `ask(at)` asks for a day, and shows the one of that time first.
 *  @param {Pick<App, "list"> & { ask: (at: number) => void }} what */
export function wireDayClicks({ list, ask }) {
  list.addEventListener("click", ({ target }) => {
    const day = target.closest(".day button");
    if (day) ask(Number(day.dataset.at));
  });
}
