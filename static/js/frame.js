// @ts-check
// A room in the frame of another site: hears from the site around it who is there and how it shall look, asks the house for a session, and
// puts the page in place when somebody looks. Until then it asks for news alone.

import { openConnect, prepare } from "./embed/connect-window.js";
import { fallSilent, greeted, heard, tell } from "./embed/host.js";
import { useOwnHistory } from "./embed/history.js";
import { showAccent } from "./embed/look.js";
import { askNews, endSession, openSession } from "./embed/session.js";
import { isShown, isTabVisible, setShown } from "./embed/sight.js";
import { storeOf } from "./embed/store.js";

const NEWS_MS = 60_000;
/** The version of the wire. */
const VERSION = 1;
const SESSION = "session", ME = "me", SEEN = "seen", OUT = "out";

/** What the house says of a token that another one may take the place of. */
const ANEW = ["token_expired", "token_used"];
/** The address of a file, as the house writes it. */
const FILE = /\/files\/[a-z2-7]{26}\/[a-z]+(\?save)?/g;

const shell = JSON.parse(document.getElementById("shell").textContent);
const store = storeOf(shell.host);
const text = document.getElementById("shell-text");
const again = document.getElementById("shell-again");
const signIn = document.getElementById("shell-sign-in");

/** @type {import("./embed/host.js").Hello} */
let hello;
/** @type {string | undefined} */
let session;
let room = Number(shell.room);
/** The page, once it is in place.
 *  @type {Promise<typeof import("./embed/page.js")> | undefined} */
let page;
let leaving = false;
/** Whether the site has been asked for another token already. */
let asked = false;
/** @type {number | undefined} */
let timer;

begin();

async function begin() {
  const pending = takePending();
  hello = await greeted(shell.host);
  if (hello.look.room !== undefined) room = Number(hello.look.room);
  showLook(hello.look);
  setShown(hello.shown);
  Object.assign(heard, {
    identify, again: leave, "sign-out": signOut, look: showLook, room: go,
    shown: (/** @type {{ shown: boolean }} */ { shown }) => { setShown(shown); wanted(); },
  });
  again.onclick = start;
  signIn.onclick = connect;
  await prepare();
  tell("ready", { v: VERSION });
  if (pending) enter(pending);
  else start();
}

/** A code from the window for signing in outlives the reload after it in the address, which no server and no other page sees. */
function takePending() {
  const [, code, verifier] = /^#code=([\w.-]+)&verifier=([\w-]+)$/.exec(location.hash) ?? [];
  if (!code) return undefined;
  history.replaceState(null, "", location.pathname + location.search);
  return { code, verifier };
}

function start() {
  again.hidden = signIn.hidden = true;
  text.textContent = shell.strings.loading;
  // Where the site knows its people only the site is asked.
  if (hello.identity) tell("token");
  else enter({});
}

/** @param {{ token?: string | null, failed?: boolean }} what */
function identify({ token, failed }) {
  if (session) return leave();
  if (failed) return stuck({ message: shell.strings.identity_failed });
  return enter({ token });
}

/** Asks who one is.
 *  @param {{ token?: string | null, code?: string, verifier?: string }} who */
async function enter(who) {
  try {
    const before = store.get(ME);
    const answer = await openSession({ host: shell.host, session: store.get(SESSION), visitor: hello.visitor, ...who }, store.get(OUT) !== undefined);
    const { me } = answer;
    if (who.code) store.set(OUT);
    // Whoever has just signed in is still the same person.
    if (before !== me?.id && !who.code) await forget(before);
    session = answer.session;
    const kept = store.set(SESSION, session);
    store.set(ME, me?.id);
    if (!kept && me?.kind === "visitor") tell("keep", { visitor: session });
    // Where guests are off the page says so to whom it does not know.
    if (me) tell("identity", { id: me.id, name: me.name });
    wanted();
  } catch (error) {
    // The site has given one that is too old, or that another tab has used: the next one may do.
    const another = hello.identity && ANEW.includes(error.code) && !asked;
    asked ||= another;
    // Whoever could not be signed in is who they were.
    if (another || who.code) start();
    else stuck(error);
  }
}

/** @param {{ message?: string, code?: string, status?: number }} error */
function stuck({ message, code = "unreachable", status }) {
  text.textContent = message || shell.strings.unreachable;
  // Nobody is let in without an account.
  signIn.hidden = !(status === 401 || status === 403) || hello.identity;
  again.hidden = !signIn.hidden;
  tell("error", { code });
}

/** Somebody looks, or does not any more. */
function wanted() {
  if (!session || leaving) return;
  clearTimeout(timer);
  if (page) return;
  if (isShown()) page = show().catch(failed);
  else news();
}

/** @param {Error} error
 *  @returns {undefined} */
function failed(error) {
  page = undefined;
  stuck(error);
}

/** What came since the room was looked at last. */
async function news() {
  clearTimeout(timer);
  if (page || leaving) return;
  if (isTabVisible()) {
    const since = store.get(`${SEEN}.${room}`);
    const told = await askNews({ room, since, bearer: session }).catch(/** @returns {undefined} */ () => undefined);
    if (page || leaving) return;
    if (told) {
      if (since === undefined) store.set(`${SEEN}.${room}`, String(told.head));
      tell("unread", { unread: told.unread, mentions: told.mentions });
    }
  }
  timer = setTimeout(news, NEWS_MS);
}

/** Puts the room's page in the place of this one. Scripts in it do not run: its own are imported when it is there. */
async function show() {
  // Whoever has not chosen a language has that of the site.
  const headers = { authorization: `Bearer ${session}`, "accept-language": shell.lang };
  const answer = await fetch(`/embed/rooms/${room}/page`, { headers, credentials: "omit" });
  const html = await answer.text();
  const drawn = new DOMParser().parseFromString(html, "text/html");
  const boot = drawn.getElementById("boot");
  if (!boot) {
    // A session that has ended meanwhile is asked for anew, once.
    if (answer.status === 401) {
      store.set(SESSION);
      session = undefined;
    }
    throw Object.assign(new Error(), { code: "unexpected", status: 0 });
  }
  const begins = { ...JSON.parse(boot.textContent), bearer: session, embedded: true };
  boot.textContent = JSON.stringify(begins);
  if (begins.files_key) addKey(drawn, begins.files_key);
  put(drawn);
  useOwnHistory(room === 1 ? "/" : `/rooms/${room}`);
  const begun = new Promise((done) => addEventListener("begun", done, { once: true }));
  await import("./main.js");
  document.getElementById("boot").textContent = "";
  await begun;
  const module = await import("./embed/page.js");
  module.attach({ strings: shell.strings, home: room, bubble: hello.bubble, connect: hello.identity ? undefined : connect, signOut, seen });
  return module;
}

/** What the house drew names its files as for the page, which has a cookie (files/address.js).
 *  @param {Document} drawn
 *  @param {string} key */
function addKey(drawn, key) {
  for (const name of ["href", "src", "srcset", "poster"]) {
    for (const element of drawn.querySelectorAll(`[${name}*="/files/"]`)) {
      const keyed = element.getAttribute(name).replace(FILE, (address, save) => `${address}${save ? "&" : "?"}key=${key}`);
      element.setAttribute(name, keyed);
    }
  }
}

/** @param {Document} drawn */
function put(drawn) {
  document.title = drawn.title;
  for (const { name, value } of drawn.documentElement.attributes) if (name !== "style") document.documentElement.setAttribute(name, value);
  if (hello.look.theme) document.documentElement.dataset.theme = hello.look.theme;
  for (const script of drawn.querySelectorAll("noscript")) script.remove();
  document.head.append(...drawn.head.querySelectorAll("meta[name=color-scheme], meta[name=theme-color], link[rel=icon]"));
  document.body.replaceWith(document.adoptNode(drawn.body));
}

/** @param {{ accent?: string, theme?: string }} look */
async function showLook({ accent, theme }) {
  showAccent(accent);
  if (!theme) return;
  hello.look.theme = theme;
  document.documentElement.dataset.theme = theme;
  (await page)?.showTheme(theme);
}

/** @param {{ room: number }} what */
async function go({ room: id }) {
  room = Number(id);
  if (page) (await page)?.go(room);
  else wanted();
}

/** The session of whoever is here ends, with its socket, before another is asked for; what was shown is forgotten with the document. */
async function leave() {
  if (leaving) return;
  leaving = true;
  clearTimeout(timer);
  fallSilent();
  document.body.replaceChildren();
  const [bearer, me] = [session, store.get(ME)];
  for (const name of [SESSION, ME]) store.set(name);
  await Promise.allSettled([endSession(bearer), forget(me)]);
  location.reload();
}

/** Whoever signs out here is a visitor here until they sign in here, even if the house's cookie, which is none of the frame's, would come. */
function signOut() {
  store.set(OUT, "1");
  return leave();
}

/** What an account leaves is its own, and the page sees to it; what a visitor left would be sent by whoever comes next.
 *  @param {string | undefined} person */
async function forget(person) {
  if (person?.startsWith("v")) await (await import("./embed/leftovers.js")).removeLeftovers(person);
}

/** Within a press: a browser opens no window later. Where there can be none the page in full is left. */
function connect() {
  const opened = openConnect(shell.host, ({ code, verifier }) => {
    location.hash = `code=${code}&verifier=${verifier}`;
    location.reload();
  });
  if (!opened) open(`/rooms/${room}`, "_blank", "noopener");
}

/** @param {number} id
 *  @param {number} seq */
function seen(id, seq) {
  if (!leaving) store.set(`${SEEN}.${id}`, String(seq));
}
