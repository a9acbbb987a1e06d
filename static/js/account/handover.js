// What somebody had begun here, put aside when they go, and there again when they come back: the next one at this browser gets to see
// none of it. Visitors do not come back.

import { ASIDE, UNSENT, write } from "../state/database.js";
import { add, people, take } from "../state/local-store.js";

/** Puts aside what is kept for anybody else; without a person, everything. */
export async function putAside(person) {
  const others = [...people()].filter((each) => each !== person).map((each) => [each, take(each)]);
  const back = others.filter(([each]) => each.startsWith("u"));
  if (!back.length) return;
  await write(ASIDE, (store) => {
    for (const [whose, things] of back) {
      store.get(whose).onsuccess = ({ target }) => store.put({ person: whose, things: { ...target.result?.things, ...things } });
    }
  });
}

/** Whether something is there again. */
export async function takeBack(person) {
  if (!person.startsWith("u")) return false;
  let found;
  await write(ASIDE, (store) => {
    store.get(person).onsuccess = ({ target }) => {
      found = target.result;
      if (found) store.delete(person);
    };
  });
  if (found) add(person, found.things);
  return Boolean(found);
}

/** What a visitor had begun is for whom they become. */
export function handOver(visitor, person) {
  if (visitor.startsWith("v")) add(person, take(visitor));
}

/** Who will not come back leaves nothing here. */
export async function forget(person) {
  take(person);
  await write(ASIDE, (store) => store.delete(person));
  await write(UNSENT, (store) => {
    store.openCursor().onsuccess = ({ target: { result: each } }) => {
      if (each?.value.author === person) each.delete();
      each?.continue();
    };
  });
}
