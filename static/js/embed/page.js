// @ts-check
// The page in the frame of another site, once it is in place: what the site hears of it, and what is done elsewhere than in the page.

import { tell } from "./host.js";
import { showTheme as show } from "../account/menu.js";
import { app } from "../state/app.js";
import { pathOf } from "../state/rooms.js";
import { session } from "../state/session.js";
import { icon } from "../ui/templates.js";

/** Rooms whose words the site may hear: those that everybody may read. */
const OPEN = ["lobby", "public"];
const MAY_CLOSE = "dialog[open], :popover-open:not(#toast)";

/** @type {number} */
let home;
let mentions = 0;

/** `home` is the room that the site chose; `connect()` signs in, where the site has no people of its own; `signOut()` signs out;
 *  `seen(room, seq)` hears up to where somebody has looked.
 *  @param {{ strings: Record<string, string>, home: number, bubble: boolean, connect?: () => void, signOut: () => void, seen: (room: number, seq: number) => void }} what */
export function attach({ strings, home: first, bubble, connect, signOut, seen }) {
  home = first;
  tellNews(seen);
  wireSignIn(connect, signOut);
  wireLinks(strings);
  wireWayHome(strings);
  let { name } = session.me;
  session.subscribe(() => {
    if (session.me.name !== name) tell("identity", { id: session.me.id, name: session.me.name });
    ({ name } = session.me);
  });
  if (bubble) addEventListener("keydown", escaped);
  // Whoever opens the panel comes to write.
  const write = () => bubble && document.activeElement === document.body && app.composer.focus();
  addEventListener("focus", write);
  if (document.hasFocus()) write();
}

/** @param {number} id */
export function go(id) {
  home = id;
  app.router.go(id);
}

/** @param {string} theme */
export function showTheme(theme) {
  show(/** @type {Theme} */ (theme));
}

/** The site hears what the notifier hears.
 *  @param {(room: number, seq: number) => void} seen */
function tellNews(seen) {
  const { notifier } = app;
  const { arrived, count } = notifier;
  notifier.arrived = (news) => {
    const { room, message: { id, by, content }, mention = false } = news;
    if (mention && document.hidden) mentions += 1;
    tell("message", { room: room.id, id, by: { id: by.id, name: by.name }, mention, ...(OPEN.includes(room.kind) && { text: content }) });
    return arrived.call(notifier, news);
  };
  let told = "";
  notifier.count = (n) => {
    if (!n) mentions = 0;
    if (told !== (told = `${n} ${mentions}`)) tell("unread", { unread: n, mentions });
    count.call(notifier, n);
  };
  notifier.count(0);
  const look = () => app.room.ready && seen(app.room.id, app.room.seq);
  document.addEventListener("visibilitychange", look);
  addEventListener("pagehide", ({ persisted }) => {
    if (!document.hidden) look();
    // A browser that keeps the site's page for its Back button keeps the sockets of frames in it: one would seem to be here. The page comes
    // back by itself.
    if (persisted) app.connection.reconnect();
  });
  look();
}

/** Nobody types a password into a frame.
 *  @param {(() => void) | undefined} connect
 *  @param {() => void} signOut */
function wireSignIn(connect, signOut) {
  // Where the site says who one is, it is told that somebody wants to be somebody.
  const act = connect ?? (() => tell("error", { code: "account_needed" }));
  if (!connect) document.documentElement.dataset.identified = "";
  for (const css of ["#sign-in-button", "#open-sign-in", "#open-register"]) instead(css, act);
  instead("#sign-out", signOut);
  Object.assign(app.menu, { signIn: act, register: act });
}

/** Every page of the house but this one is opened in a tab of its own: no site may frame it.
 *  @param {Record<string, string>} strings */
function wireLinks(strings) {
  const full = Object.assign(document.createElement("a"), { id: "open-full", target: "_blank" });
  full.append(icon("browse"), strings.open_full);
  document.getElementById("menu").querySelector(".acts").append(full);
  document.getElementById("menu").addEventListener("toggle", () => { full.href = pathOf(app.room.id); });
  full.href = pathOf(home);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (link && !event.defaultPrevented && !link.hasAttribute("download")) link.target = "_blank";
  });
}

/** There is no list of rooms: from another room one arrow leads back.
 *  @param {Record<string, string>} strings */
function wireWayHome(strings) {
  const arrow = document.getElementById("to-rooms");
  instead("#to-rooms", () => app.router.go(home));
  const look = () => {
    document.documentElement.toggleAttribute("data-away", app.room.id !== home);
    arrow.ariaLabel = strings.back;
  };
  new MutationObserver(look).observe(document.querySelector("main"), { attributeFilter: ["data-stage"] });
  look();
}

/** A press on it does this and nothing else.
 *  @param {string} css
 *  @param {() => void} act */
function instead(css, act) {
  document.querySelector(css).addEventListener("click", (/** @type {Event} */ event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    document.getElementById("menu").hidePopover();
    act();
  }, { capture: true });
}

/** Escape closes the panel when it has nothing else to close.
 *  @param {KeyboardEvent} event */
function escaped(event) {
  if (event.key === "Escape" && !event.defaultPrevented && !event.isComposing && !document.querySelector(MAY_CLOSE)) tell("close");
}
