// @ts-check
// Drafts of somebody who signs out, put aside and restored when they sign in again: the next person at this browser gets to see
// none of it. Visitors do not come back.

import { ASIDE, UNSENT, write } from "../state/database.js";
import { add, people, take } from "../state/local-store.js";

/** Puts aside what is kept for anybody else; without a person, everything.
 *  @param {string} [person] */
export async function storeDrafts(person) {
  const others = [...people()].filter((each) => each !== person).map((each) => ({ person: each, things: take(each) }));
  const back = others.filter((each) => each.person.startsWith("u"));
  if (!back.length) return;
  await write(ASIDE, (store) => {
    for (const { person: whose, things } of back) {
      const kept = store.get(whose);
      kept.onsuccess = () => store.put({ person: whose, things: { ...kept.result?.things, ...things } });
    }
  });
}

/** Whether something is there again.
 *  @param {string} person */
export async function restoreDrafts(person) {
  if (!person.startsWith("u")) return false;
  /** @type {{ things: Record<string, string> } | undefined} */
  let found;
  await write(ASIDE, (store) => {
    const kept = store.get(person);
    kept.onsuccess = () => {
      found = kept.result;
      if (found) store.delete(person);
    };
  });
  if (found) add(person, found.things);
  return Boolean(found);
}

/** What a visitor had begun is for whom they become.
 *  @param {string} visitor
 *  @param {string} person */
export function handOver(visitor, person) {
  if (visitor.startsWith("v")) add(person, take(visitor));
}

/** Who will not come back leaves nothing here.
 *  @param {string} person */
export async function forget(person) {
  take(person);
  await write(ASIDE, (store) => store.delete(person));
  await write(UNSENT, (store) => {
    const cursor = store.openCursor();
    cursor.onsuccess = () => {
      const each = cursor.result;
      if (each?.value.author === person) each.delete();
      each?.continue();
    };
  });
}
