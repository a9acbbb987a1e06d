// @ts-check
// The page's database in the browser (IndexedDB), which all of its tabs share. Where it is forbidden nothing is kept, and the page
// works from memory.

/** How long the browser may take to open it. */
const OPEN_MS = 3_000;

export const UNSENT = "unsent";
export const ASIDE = "aside";

let opened;

/** One transaction on a store. Resolves when it is on disk, or could not be.
 *  @param {string} store
 *  @param {(store: IDBObjectStore) => void} act */
export async function write(store, act) {
  const db = await (opened ??= open());
  if (!db) return;
  await new Promise((done) => {
    try {
      const transaction = db.transaction(store, "readwrite", { durability: "strict" });
      transaction.oncomplete = transaction.onabort = done;
      act(transaction.objectStore(store));
    } catch {
      done();
    }
  });
}

function open() {
  return new Promise((done) => {
    setTimeout(done, OPEN_MS);
    try {
      const request = indexedDB.open("teahouse", 2);
      request.onupgradeneeded = ({ oldVersion }) => {
        if (oldVersion < 1) request.result.createObjectStore(UNSENT, { keyPath: "nonce" });
        if (oldVersion < 2) request.result.createObjectStore(ASIDE, { keyPath: "person" });
      };
      request.onsuccess = () => {
        // A newer page in another tab wants another version of it.
        request.result.onversionchange = () => request.result.close();
        done(request.result);
      };
      request.onerror = () => done();
    } catch {
      done();
    }
  });
}
