// Times as the reader reads them: his zone, the page's language. Also the server's clock, because windows are counted by it.

import { boot } from "./boot.js";
import { preferences, watchPreferences } from "./preferences.js";
import { say } from "./words.js";

const locale = document.documentElement.lang;
const DAY_MS = 86_400_000;

/** How the reader's browser counts hours by itself. */
const HABIT = new Intl.DateTimeFormat(navigator.language, { hour: "numeric" }).resolvedOptions().hourCycle;
let clock;
let full;
let short;
let long;
count();
watchPreferences(recount);
const weekday = new Intl.DateTimeFormat(locale, { weekday: "long" });
const monthDay = new Intl.DateTimeFormat(locale, { month: "long", day: "numeric" });
const monthDayYear = new Intl.DateTimeFormat(locale, { year: "numeric", month: "long", day: "numeric" });

function hours() {
  return { 12: "h12", 24: "h23" }[preferences.clock] ?? (HABIT === "h12" || HABIT === "h11" ? "h12" : "h23");
}

function count() {
  const hourCycle = hours();
  clock = new Intl.DateTimeFormat(locale, { hour: hourCycle === "h12" ? "numeric" : "2-digit", minute: "2-digit", hourCycle });
  full = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "medium", hourCycle });
  short = new Intl.DateTimeFormat(locale, { month: "short", day: "numeric", hour: "numeric", minute: "2-digit", hourCycle });
  long = new Intl.DateTimeFormat(locale, { year: "numeric", month: "short", day: "numeric", hour: "numeric", minute: "2-digit", hourCycle });
}

/** Hours are counted otherwise now: every time on the page is written anew. */
function recount() {
  if (clock.resolvedOptions().hourCycle === hours()) return;
  count();
  for (const element of document.querySelectorAll("time[datetime]")) if (element.dateTime) showTime(element, Date.parse(element.dateTime));
}

// A page that was kept from another time (worker.js) does not know what time it is at the server.
let ahead = document.documentElement.dataset.kept === undefined ? boot.now - Date.now() : 0;

/** Takes the server's time from a frame that has just come. */
export function syncClock(now) {
  ahead = now - Date.now();
}

/** The server's time, in ms since 1970 UTC. */
export function serverNow() {
  return Date.now() + ahead;
}

/** Fills a <time> element. */
export function showTime(element, at) {
  const date = new Date(at);
  element.dateTime = date.toISOString();
  element.textContent = clock.format(date);
  element.title = full.format(date);
}

/** Fills a <time> element that may be of another day. */
export function showDay(element, at) {
  showTime(element, at);
  if (dayKey(at) !== dayKey(serverNow())) element.textContent = moment(at);
}

/** A time of another day in few words. */
export function moment(at) {
  return short.format(new Date(at));
}

/** A time of any day: of this year without the year. */
export function when(at) {
  const date = new Date(at);
  return (date.getFullYear() === new Date().getFullYear() ? short : long).format(date);
}

/** A local day as a date field has it, and its beginning in ms. */
export function dayValue(at) {
  const date = new Date(at);
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}

export function dayStart(value) {
  return new Date(`${value}T00:00`).getTime();
}

/** Notes on an element when what it says happened. */
export function showMoment(element, at) {
  const date = new Date(at);
  element.dataset.at = date.toISOString();
  element.title = full.format(date);
}

/** Two times fall on one day exactly when their keys are equal. */
export function dayKey(at) {
  return new Date(at).toDateString();
}

export function dayName(at) {
  const date = new Date(at);
  const now = new Date();
  if (dayKey(at) === dayKey(now)) return say("today");
  // Noon, so that a change to summer time does not skip a day.
  if (dayKey(at) === dayKey(new Date(now).setHours(12) - DAY_MS)) return say("yesterday");
  const day = (date.getFullYear() === now.getFullYear() ? monthDay : monthDayYear).format(date);
  return `${day} · ${weekday.format(date)}`;
}

/** Calls back just after each local midnight: "today" has become "yesterday". */
export function atMidnight(callback) {
  const wait = new Date().setHours(24, 0, 1, 0) - Date.now();
  setTimeout(() => {
    callback();
    atMidnight(callback);
  }, wait);
}
