// @ts-check
// What this browser keeps for a person: every key says whose it is, so that the next one at this browser finds nothing. Where the
// browser keeps nothing, nothing is kept, and the page works without.

import { session } from "./session.js";

/** `teahouse.<person>.<name>` */
const KEY = /^teahouse\.([uv]\w+)\.(.+)$/;
/** Keys of a time when they named nobody. */
const NOBODYS = /^teahouse\.(?:draft|answer|notice|emoji|tone|people|preview|folded)\b/;

let owner = session.me.id;
session.subscribe(() => { owner = session.me.id; });
for (const key of keys()) if (NOBODYS.test(key)) localStorage.removeItem(key);

/** `""` when there is nothing.
 *  @param {string} name */
export function kept(name) {
  try {
    return localStorage.getItem(keyOf(owner, name)) ?? "";
  } catch {
    return "";
  }
}

/** Nothing takes it away.
 *  @param {string} name
 *  @param {string} value */
export function keep(name, value) {
  try {
    if (value) localStorage.setItem(keyOf(owner, name), value);
    else localStorage.removeItem(keyOf(owner, name));
  } catch {
    // A forbidden or full storage keeps nothing.
  }
}

/** For whom something is kept. */
export function people() {
  return new Set(keys().map((key) => KEY.exec(key)?.[1]).filter(Boolean));
}

/** Takes out what is kept for somebody, by name.
 *  @param {string} person */
export function take(person) {
  /** @type {Record<string, string>} */
  const things = {};
  for (const key of keys()) {
    const [, whose, name] = KEY.exec(key) ?? [];
    if (whose !== person) continue;
    things[name] = localStorage.getItem(key);
    localStorage.removeItem(key);
  }
  return things;
}

/** Puts such things back, for `person`; where there are others by now only words that were begun are joined to them.
 *  @param {string} person
 *  @param {Record<string, string>} things */
export function add(person, things) {
  const before = owner;
  owner = person;
  for (const [name, value] of Object.entries(things)) {
    const there = kept(name);
    if (!there) keep(name, value);
    else if (name.startsWith("draft.") && there !== value) keep(name, `${value}\n${there}`);
  }
  owner = before;
}

/** @param {string} person
 *  @param {string} name */
function keyOf(person, name) {
  return `teahouse.${person}.${name}`;
}

function keys() {
  try {
    return Object.keys(localStorage);
  } catch {
    return [];
  }
}
