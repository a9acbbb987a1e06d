// @ts-check
// The page's database in the browser (IndexedDB), which all of its tabs share. Where it is forbidden nothing is kept, and the page
// works from memory.

/** How long the browser may take to open it. */
const OPEN_MS = 3_000;

export const UNSENT = "unsent";
export const ASIDE = "aside";
export const PARTS = "parts";

let opened;

/** One transaction on a store. Resolves when it is on disk, with true, or could not be.
 *  @param {string} store
 *  @param {(store: IDBObjectStore) => void} act */
export async function write(store, act) {
  const db = await (opened ??= open());
  return Boolean(db) && new Promise((done) => {
    try {
      const transaction = db.transaction(store, "readwrite", { durability: "strict" });
      transaction.oncomplete = () => done(true);
      transaction.onabort = () => done(false);
      act(transaction.objectStore(store));
    } catch {
      done(false);
    }
  });
}

function open() {
  return new Promise((done) => {
    setTimeout(done, OPEN_MS);
    try {
      const request = indexedDB.open("teahouse", 3);
      request.onupgradeneeded = ({ oldVersion }) => {
        if (oldVersion < 1) request.result.createObjectStore(UNSENT, { keyPath: "nonce" });
        if (oldVersion < 2) request.result.createObjectStore(ASIDE, { keyPath: "person" });
        // Bytes of files, by the file's nonce and the part's number.
        if (oldVersion < 3) request.result.createObjectStore(PARTS);
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
