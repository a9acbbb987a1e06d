// @ts-check
// What a visitor left in this browser who is not here any more: drafts, and messages that were not sent. The page would send them as
// whoever comes next, since in the page that is the same person, who has signed in.

const OPEN_MS = 3_000;

/** @param {string} person */
export async function removeLeftovers(person) {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(`teahouse.${person}.`)) localStorage.removeItem(key);
  } catch {
    // Where nothing can be kept there is nothing.
  }
  await removeUnsent(person).catch(() => {});
}

/** @param {string} person
 *  @returns {Promise<void>} */
function removeUnsent(person) {
  return new Promise((done, failed) => {
    setTimeout(done, OPEN_MS);
    const request = indexedDB.open("teahouse");
    request.onerror = () => done();
    // There was none: it is left to the page to make it.
    request.onupgradeneeded = () => request.transaction.abort();
    request.onsuccess = () => {
      const db = request.result;
      if (!db.objectStoreNames.contains("unsent")) return done();
      const transaction = db.transaction("unsent", "readwrite");
      transaction.oncomplete = transaction.onabort = () => {
        db.close();
        done();
      };
      const cursor = transaction.objectStore("unsent").openCursor();
      cursor.onerror = failed;
      cursor.onsuccess = () => {
        const each = cursor.result;
        if (each?.value.author === person) each.delete();
        each?.continue();
      };
    };
  });
}
