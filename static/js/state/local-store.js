// What this browser keeps for a person: every key says whose it is, so that the next one at this browser finds nothing. Where the
// browser keeps nothing, nothing is kept, and the page works without.

import { boot } from "./boot.js";

/** `teahouse.<person>.<name>` */
const KEY = /^teahouse\.([uv]\w+)\.(.+)$/;
/** Keys of a time when they named nobody. */
const NOBODYS = /^teahouse\.(?:draft|answer|notice|emoji|tone|people|preview|folded)\b/;

let owner = boot.me.id;
for (const key of keys()) if (NOBODYS.test(key)) localStorage.removeItem(key);

/** Whose things are kept and found from now on. */
export function keepFor(person) {
  owner = person;
}

/** `""` when there is nothing. */
export function kept(name) {
  try {
    return localStorage.getItem(keyOf(owner, name)) ?? "";
  } catch {
    return "";
  }
}

/** Nothing takes it away. */
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
  return new Set(keys().flatMap((key) => KEY.exec(key)?.[1] ?? []));
}

/** Takes out what is kept for somebody, by name. */
export function take(person) {
  const things = {};
  for (const key of keys()) {
    const [, whose, name] = KEY.exec(key) ?? [];
    if (whose !== person) continue;
    things[name] = localStorage.getItem(key);
    localStorage.removeItem(key);
  }
  return things;
}

/** Puts such things back, for `person`; where there are others by now only words that were begun are joined to them. */
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
