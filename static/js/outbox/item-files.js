// @ts-check
// What the files of an item in the outbox mean to others: to the server, to its row, to the database. Pure data.

/** Whether all of its files are with the server.
 *  @param {Pick<OutboxItem, "files">} item */
export function isWhole({ files = [] }) {
  return files.every(({ file }) => file);
}

/** As the server is asked for them.
 *  @param {LocalFile[] | undefined} files */
export function wantedFiles(files) {
  return files?.map(({ file, alt, spoiler }) => ({ id: file.id, alt: alt || undefined, spoiler: spoiler || undefined }));
}

/** As the message has them, once all are whole.
 *  @param {LocalFile[] | undefined} files */
export function sentFiles(files) {
  return files?.map(sent);
}

/** @param {LocalFile} file
 *  @returns {MessageFile} */
function sent({ file, alt, spoiler }) {
  return { ...file, alt, spoiler };
}

/** As a row shows them: those that are not whole as they are here.
 *  @param {LocalFile[] | undefined} files
 *  @returns {ShownFile[] | undefined} */
export function shownFiles(files) {
  return files?.map((local) => {
    const { file, as, url, name, size, w, h, ms, wave, alt, spoiler } = local;
    if (file) return sent(local);
    return as === "voice" ? { kind: as, url, name, size, ms, wave } : { kind: url && w ? "picture" : "file", url, name, size, w, h, alt, spoiler };
  });
}

/** Whether a message has exactly these.
 *  @param {LocalFile[] | undefined} files
 *  @param {{ id?: string }[] | undefined} theirs */
export function sameFiles(files = [], theirs = []) {
  return files.length === theirs.length && files.every(({ file }, place) => file && file.id === theirs[place].id);
}

/** What is kept of a file beside its bytes.
 *  @param {LocalFile} file
 *  @returns {LocalFile} */
export function recordOf({ blob, original, url, posterUrl, sent, problem, ...record }) {
  return record;
}
