// @ts-check
// Times as the reader reads them: their zone, the page's language. Also the server's clock, because windows are counted by it.

import { boot } from "../state/boot.js";
import { preferences, subscribeToPreferences } from "../state/preferences.js";
import { say } from "./i18n.js";

const locale = document.documentElement.lang;
const DAY_MS = 86_400_000;
/** How often somebody who looks on finds out that a day has passed. */
const LOOK_MS = 30_000;

/** How a time is written; the tables behind each are large, so that it is made when it is first asked for. */
/** @type {Record<string, (hourCycle: HourCycle) => Intl.DateTimeFormatOptions>} */
const STYLES = {
  clock: (hourCycle) => time(hourCycle),
  full: (hourCycle) => ({ dateStyle: "full", timeStyle: "medium", hourCycle }),
  short: (hourCycle) => ({ month: "short", day: "numeric", ...time(hourCycle) }),
  long: (hourCycle) => ({ year: "numeric", month: "short", day: "numeric", ...time(hourCycle) }),
  weekday: () => ({ weekday: "long" }),
  monthDay: () => ({ month: "long", day: "numeric" }),
  monthDayYear: () => ({ year: "numeric", month: "long", day: "numeric" }),
};
/** @type {Map<string, Intl.DateTimeFormat>} */
const styles = new Map();
/** How the reader's browser counts hours by itself. */
/** @type {string | undefined} */
let habit;
/** The cycle of hours in which times are written now. */
/** @type {HourCycle | undefined} */
let cycle;
subscribeToPreferences(recount);
// The whole date is for those who point at a time.
document.addEventListener("pointerover", ({ target }) => {
  const time = target.closest("time[datetime]:not([title])");
  if (time) time.title = write("full", Date.parse(time.dateTime));
});

/** Loads the tables that every time needs, so that the first one that is written does not wait for them. */
export function prepareTimes() {
  write("clock", serverNow());
}

/** `at` in ms, in one of the styles.
 *  @param {string} name
 *  @param {number} at */
function write(name, at) {
  cycle ??= hours();
  if (!styles.has(name)) styles.set(name, new Intl.DateTimeFormat(locale, STYLES[name](cycle)));
  return styles.get(name).format(new Date(at));
}

/** Hours and minutes, as wide at night as by day where they are counted to 24.
 *  @param {HourCycle} hourCycle
 *  @returns {Intl.DateTimeFormatOptions} */
function time(hourCycle) {
  return { hour: hourCycle === "h12" ? "numeric" : "2-digit", minute: "2-digit", hourCycle };
}

/** @returns {HourCycle} */
function hours() {
  if (preferences.clock !== "auto") return preferences.clock === "12" ? "h12" : "h23";
  habit ??= habitOf(navigator.language) ?? habitOf(locale);
  return habit === "h12" || habit === "h11" ? "h12" : "h23";
}

/** Undefined for a language that is none: browsers name such where the system has none either.
 *  @param {string} language */
function habitOf(language) {
  try {
    return new Intl.DateTimeFormat(language, { hour: "numeric" }).resolvedOptions().hourCycle;
  } catch {
    return undefined;
  }
}

/** Hours are counted otherwise now: every time on the page is written anew. */
function recount() {
  const now = hours();
  if (cycle === undefined || cycle === now) return;
  cycle = now;
  styles.clear();
  for (const element of document.querySelectorAll("time[datetime]")) if (element.dateTime) showTime(element, Date.parse(element.dateTime));
}

// A page that was kept from another time (worker.js) does not know what time it is at the server.
let ahead = document.documentElement.dataset.kept === undefined ? boot.now - Date.now() : 0;

/** Takes the server's time from a frame that has just come.
 *  @param {number} now */
export function syncClock(now) {
  ahead = now - Date.now();
}

/** The server's time, in ms since 1970 UTC. */
export function serverNow() {
  return Date.now() + ahead;
}

/** Fills a <time> element.
 *  @param {HTMLTimeElement} element
 *  @param {number} at */
export function showTime(element, at) {
  element.dateTime = new Date(at).toISOString();
  element.textContent = write("clock", at);
  element.removeAttribute("title");
}

/** Fills a <time> element that may be of another day.
 *  @param {HTMLTimeElement} element
 *  @param {number} at */
export function showDay(element, at) {
  showTime(element, at);
  if (dayKey(at) !== dayKey(serverNow())) element.textContent = moment(at);
}

/** A time of another day in few words.
 *  @param {number} at */
export function moment(at) {
  return write("short", at);
}

/** A time of any day: of this year without the year.
 *  @param {number} at */
export function when(at) {
  return write(thisYear(at) ? "short" : "long", at);
}

/** Notes on an element when what it says happened.
 *  @param {HTMLElement} element
 *  @param {number} at */
export function showMoment(element, at) {
  element.dataset.at = new Date(at).toISOString();
  element.title = write("full", at);
}

/** Two times fall on one day exactly when their keys are equal.
 *  @param {number | Date} at */
export function dayKey(at) {
  return new Date(at).toDateString();
}

/** @param {number} at */
export function dayName(at) {
  const now = new Date();
  if (dayKey(at) === dayKey(now)) return say("today");
  // Noon, so that a change to summer time does not skip a day.
  if (dayKey(at) === dayKey(new Date(now).setHours(12) - DAY_MS)) return say("yesterday");
  return `${write(thisYear(at) ? "monthDay" : "monthDayYear", at)} · ${write("weekday", at)}`;
}

/** @param {number} at */
function thisYear(at) {
  return new Date(at).getFullYear() === new Date().getFullYear();
}

/** Calls back when another day has begun: "today" has become "yesterday". Gives what looks now: a timer does not run while the device
 *  sleeps, and a clock may be set.
 *  @param {() => void} callback */
export function watchDay(callback) {
  let day = dayKey(Date.now());
  const look = () => {
    if (day === dayKey(Date.now())) return;
    day = dayKey(Date.now());
    callback();
  };
  setInterval(look, LOOK_MS);
  addEventListener("pageshow", look);
  document.addEventListener("visibilitychange", look);
  return look;
}
