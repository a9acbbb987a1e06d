// @ts-check
// How far the files of a waiting message are on their way: a ring at each, in its row.

import { newNonce } from "../net/nonce.js";
import { isPicture } from "../timeline/files-row.js";
import { shownFiles } from "../outbox/item-files.js";
import { say } from "../ui/i18n.js";

/** `cancel()` is offered as long as they are on their way.
 *  @param {HTMLElement} li
 *  @param {OutboxItem} item
 *  @param {() => void} cancel */
export function showRings(li, { files, why }, cancel) {
  const shown = shownFiles(files);
  const pictures = [...li.querySelectorAll(".files .pic")];
  const lines = [...li.querySelectorAll(".files :is(a.file, .voice)")];
  files.forEach((file, place) => {
    const element = (isPicture(shown[place]) ? pictures : lines).shift();
    if (!element) return;
    const there = /** @type {HTMLElement | null} */ (element.querySelector(".ring"));
    if (file.file || why) there?.remove();
    else fillRing(there ?? element.appendChild(ring(file)), file);
  });
  const there = li.querySelector(".cancel-files");
  if (why || files.every(({ file }) => file)) there?.remove();
  else if (!there) li.append(Object.assign(document.createElement("button"), { type: "button", className: "cancel-files", textContent: say("file_cancel"), onclick: cancel }));
}

/** Whether what was refused as a picture can be sent as a file.
 *  @param {LocalFile} file */
export function mayGoAsFile({ problem, as }) {
  return problem?.code === "bad_picture" || problem?.code === "picture_too_big" || (problem?.code === "file_too_big" && as === "picture");
}

/** What is no picture for the server may be sent as it is.
 *  @param {HTMLElement} why
 *  @param {OutboxItem} item
 *  @param {() => void} retry */
export function showProblem(why, { files }, retry) {
  const unread = files.filter(mayGoAsFile);
  if (!unread.length) return;
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: say("send_as_file") });
  button.onclick = () => {
    unread.forEach(asFile);
    retry();
  };
  why.querySelector(".retry").replaceWith(button);
}

/** It goes to the last byte as it is.
 *  @param {LocalFile} file */
export function asFile(file) {
  Object.assign(file, { as: "file", file: undefined, upload: undefined, mark: newNonce() });
}

/** @param {LocalFile} file */
export function ring({ name }) {
  const element = Object.assign(document.createElement("span"), { className: "ring", role: "progressbar", ariaLabel: say("file_uploading", { name }) });
  element.setAttribute("aria-valuemin", "0");
  element.setAttribute("aria-valuemax", "100");
  return element;
}

/** @param {HTMLElement} element
 *  @param {LocalFile} file */
export function fillRing(element, { sent = 0, size }) {
  const percent = Math.floor(100 * sent / size);
  element.ariaValueNow = String(percent);
  element.style.setProperty("--done", `${percent}%`);
}
