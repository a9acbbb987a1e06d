// Times as the reader reads them: his zone, the page's language. Also the server's clock, because windows are counted by it.

import { boot } from "./boot.js";
import { say } from "./words.js";

const locale = document.documentElement.lang;
const DAY_MS = 86_400_000;

const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const full = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "medium" });
const weekday = new Intl.DateTimeFormat(locale, { weekday: "long" });
const monthDay = new Intl.DateTimeFormat(locale, { month: "long", day: "numeric" });
const monthDayYear = new Intl.DateTimeFormat(locale, { year: "numeric", month: "long", day: "numeric" });

let ahead = boot.now - Date.now();

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
