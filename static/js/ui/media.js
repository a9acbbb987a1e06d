// @ts-check
// Words and looks of everything about files that are to be sent: they come with the first of them.

import { boot } from "../state/boot.js";
import { loadStyle } from "./lazy.js";

/** @type {Promise<unknown> | undefined} */
let coming;

export function loadMedia() {
  coming ??= Promise.all([loadStyle("media"), loadWords()]).catch((error) => {
    coming = undefined;
    throw error;
  });
  return coming;
}

async function loadWords() {
  const answer = await fetch(new URL(`../words/media.${boot.lang}.json`, import.meta.url));
  if (!answer.ok) throw new Error("no words");
  Object.assign(boot.strings, await answer.json());
}
