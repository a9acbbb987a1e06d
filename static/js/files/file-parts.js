// @ts-check
// The bytes of files that are not with the server yet, kept in the browser so that a reload loses nothing. They are kept as buffers of
// a part each: what a browser gives back of a Blob that it has kept may be empty (WebKit).

import { PARTS, UNSENT, write } from "../state/database.js";

const PART_BYTES = 1024 * 1024;
/** A larger file is in memory only: it would be on this disk twice. */
const FILE_MOST = 64 * PART_BYTES;
/** Of all files together. */
const ALL_MOST = 200 * PART_BYTES;
/** So much of what the browser gives a site is left free: messages are kept there too. */
const SPARE = 16 * PART_BYTES;

/** Keeps the bytes of a file. False when they cannot be kept.
 *  @param {Nonce} nonce
 *  @param {Blob} blob */
export async function keepParts(nonce, blob) {
  if (!await fits(blob.size)) return false;
  for (let number = 0; number * PART_BYTES < blob.size; number += 1) {
    const part = await blob.slice(number * PART_BYTES, (number + 1) * PART_BYTES).arrayBuffer();
    if (await write(PARTS, (store) => store.put(part, [nonce, number]))) continue;
    await dropParts(nonce);
    return false;
  }
  return true;
}

/** Gives a file's bytes from one on up to another one; throws when they are not all here.
 *  @param {Nonce} nonce
 *  @param {number} from
 *  @param {number} to */
export async function readParts(nonce, from, to) {
  const bytes = new Uint8Array(to - from);
  const first = Math.floor(from / PART_BYTES);
  let read = 0;
  await write(PARTS, (store) => {
    for (let number = first; number * PART_BYTES < to; number += 1) {
      const asked = store.get([nonce, number]);
      asked.onsuccess = () => {
        if (!asked.result) return;
        const start = number * PART_BYTES;
        const part = new Uint8Array(asked.result, Math.max(0, from - start), Math.min(asked.result.byteLength, to - start) - Math.max(0, from - start));
        bytes.set(part, Math.max(0, start - from));
        read += part.length;
      };
    }
  });
  if (read !== bytes.length) throw new Error("the bytes of a file are not here");
  return bytes;
}

/** @param {Nonce} nonce */
export function dropParts(nonce) {
  return write(PARTS, (store) => store.delete(IDBKeyRange.bound([nonce], [nonce, []])));
}

/** Lets go of bytes that nothing needs any more: their record went without them. A record comes before its bytes. */
export async function sweepParts() {
  /** @type {[Nonce, number][]} */
  let keys = [];
  await write(PARTS, (store) => {
    const all = store.getAllKeys();
    all.onsuccess = () => { keys = /** @type {any} */ (all.result); };
  });
  const records = await unsent();
  if (!records) return;
  const known = new Set(records.flatMap(({ files = [] }) => files.map(({ nonce }) => nonce)));
  for (const nonce of new Set(keys.map(([each]) => each))) if (!known.has(nonce)) await dropParts(nonce);
}

/** Whether so many bytes more can be kept.
 *  @param {number} bytes */
async function fits(bytes) {
  if (bytes > FILE_MOST) return false;
  const records = await unsent();
  if (!records) return false;
  const there = records.flatMap(({ files = [] }) => files).filter(({ kept }) => kept).reduce((sum, { size }) => sum + size, 0);
  /** @type {StorageEstimate} */
  const { quota = Infinity, usage = 0 } = await navigator.storage?.estimate?.().catch(/** @returns {StorageEstimate} */ () => ({})) ?? {};
  return there + bytes <= ALL_MOST && usage + bytes + SPARE <= quota;
}

/** What is kept of messages that are not with the server; undefined where nothing can be kept. */
async function unsent() {
  /** @type {OutboxItem[] | undefined} */
  let found;
  await write(UNSENT, (store) => {
    /** @type {IDBRequest<OutboxItem[]>} */
    const all = store.getAll();
    all.onsuccess = () => { found = all.result; };
  });
  return found;
}
