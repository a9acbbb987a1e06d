// @ts-check
// What the frame keeps on this site: in its localStorage, which browsers part by site; else until the tab is closed; else as long as it
// is there.

/** @type {Map<string, string>} */
const memory = new Map();
const stores = [() => localStorage, () => sessionStorage];

/** Each host has its own: a browser may put several of them into one store.
 *  @param {string} host */
export function storeOf(host) {
  const keyOf = (/** @type {string} */ name) => `teahouse.frame.${host}.${name}`;
  return {
    /** @param {string} name */
    get(name) {
      return first((store) => store.getItem(keyOf(name))) ?? memory.get(name);
    },
    /** Whether it is there after a reload. Without a value it is dropped.
     *  @param {string} name
     *  @param {string} [value] */
    set(name, value) {
      for (const store of stores) attempt(() => store().removeItem(keyOf(name)));
      memory.delete(name);
      if (value === undefined) return true;
      const kept = first((store) => {
        store.setItem(keyOf(name), value);
        return store.getItem(keyOf(name));
      });
      if (kept === undefined) memory.set(name, value);
      return kept !== undefined;
    },
  };
}

/** What the first store gives that works and has something.
 *  @param {(store: Storage) => string | null} act */
function first(act) {
  for (const store of stores) {
    const found = attempt(() => act(store()));
    if (found !== undefined && found !== null) return found;
  }
  return undefined;
}

/** @template T
 *  @param {() => T} act
 *  @returns {T | undefined} */
function attempt(act) {
  try {
    return act();
  } catch {
    return undefined;
  }
}
