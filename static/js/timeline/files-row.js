// @ts-check
// The files of a message, below its words: pictures side by side, everything else a line each. The server draws the same
// (src/web/message_files.rs). What they do beside being there comes with the first of them (files/live-files.js).

import { fileAddress } from "../files/address.js";
import { lazy } from "../ui/lazy.js";
import { clone } from "../ui/templates.js";
import { isVoice, voiceRow } from "./voice-row.js";

/** In px; css/file.css has it in rem. */
const WIDE = 480, HIGH = 352;
/** Long edges of the server's small and middle pictures. */
const SMALL = 480, MIDDLE = 1080;
const UNITS = ["B", "KB", "MB", "GB"];

const live = lazy(() => import("../files/live-files.js"), (module) => module);
/** What stands in which box.
 *  @type {WeakMap<Element, string>} */
const shown = new WeakMap();

/** @param {{ kind: string, gone?: boolean }} file */
export const isPicture = ({ kind, gone }) => !gone && (kind === "picture" || kind === "animation");

/** Writes them into the row; what stands there already stays as its reader has it.
 *  @param {HTMLElement} li
 *  @param {ShownFile[]} [files] */
export function attachFiles(li, files = []) {
  const there = li.querySelector(".files");
  const names = namesOf(files);
  if ((shown.get(there) ?? "") === names) return;
  there?.remove();
  if (!files.length) return;
  const box = clone("files-template");
  const pictures = files.filter(isPicture);
  box.firstElementChild.append(...pictures.map((file) => picture(file, pictures.length > 1)));
  box.append(...files.filter((file) => !isPicture(file)).map(other));
  if (!pictures.length) box.firstElementChild.remove();
  (li.querySelector(".unfold") ?? li.querySelector(".body")).after(box);
  adopt(box, names);
}

/** Those of a row that came with the page.
 *  @param {HTMLElement} li
 *  @param {ShownFile[]} [files] */
export function adoptFiles(li, files = []) {
  if (files.length) adopt(li.querySelector(".files"), namesOf(files));
}

/** @param {HTMLElement} box
 *  @param {string} names */
async function adopt(box, names) {
  shown.set(box, names);
  // A press that comes before the module does is not lost.
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (box.querySelectorAll(".unspoil"))) {
    button.onclick = async () => (await live())?.reveal(button.closest(".pic"), button);
  }
  (await live())?.enliven(box);
}

/** They are recalled: nothing of them stays in this browser.
 *  @param {ShownFile[]} [files] */
export async function forgetFiles(files = []) {
  if (files.length) (await live())?.forget(files);
}

/** @param {ShownFile[]} files */
function namesOf(files) {
  return files.map(({ id, url, name, w, gone, poster }) => (id ? [id, gone, poster] : [name, url, w])).join();
}

/** @param {ShownFile} file
 *  @param {boolean} several */
function picture({ id, kind, name, size, w = WIDE, h = HIGH, hash, alt, spoiler, url }, several) {
  const box = clone("picture-template");
  const [link, ...buttons] = box.children;
  const image = box.querySelector("img");
  const [width, height] = fit(w, h);
  const long = Math.max(w, h);
  if (hash) box.dataset.hash = hash;
  else box.removeAttribute("data-hash");
  box.classList.toggle("spoiler", Boolean(spoiler));
  link.toggleAttribute("inert", Boolean(spoiler));
  link.setAttribute("href", url ?? fileAddress(id, "l"));
  link.dataset.file = id ?? "";
  if (!spoiler) buttons[0].remove();
  if (kind === "animation") buttons[1].dataset.size = String(size);
  else buttons[1].remove();
  if (url || long <= SMALL) {
    image.removeAttribute("srcset");
    image.removeAttribute("sizes");
  } else {
    const scaled = (/** @type {number} */ edge) => (long > edge ? Math.max(1, Math.floor(w * edge / long)) : w);
    image.srcset = `${fileAddress(id, "s")} ${scaled(SMALL)}w, ${fileAddress(id, "m")} ${scaled(MIDDLE)}w`;
    image.sizes = several ? "min(50vw, 240px)" : `min(100vw, ${width}px)`;
  }
  Object.assign(image, { width, height, alt: alt || name });
  image.src = url ?? fileAddress(id, "s");
  return box;
}

/** Where it stands alone: its size within the box.
 *  @param {number} w
 *  @param {number} h */
export function fit(w, h) {
  if (w <= WIDE && h <= HIGH) return [w, h];
  if (w * HIGH >= h * WIDE) return [WIDE, Math.max(1, Math.floor(h * WIDE / w))];
  return [Math.max(1, Math.floor(w * HIGH / h)), HIGH];
}

/** @param {ShownFile} file */
function other(file) {
  if (file.gone) return clone("taken-template");
  if (isVoice(file)) return voiceRow(file);
  const { id, kind, name, poster, spoiler, w = WIDE, h = HIGH * 3 / 4 } = file;
  const box = clone("clip-template");
  const [video, audio, line] = [box.querySelector("video"), box.querySelector("audio"), box.querySelector("a")];
  fillLine(line, file);
  if (kind === "file") return line;
  const player = kind === "video" ? video : audio;
  (player === video ? audio : video).remove();
  player.setAttribute("src", fileAddress(id, "raw"));
  player.ariaLabel = name;
  if (poster && !spoiler) video.poster = fileAddress(id, "poster");
  [video.width, video.height] = fit(w, h);
  return box;
}

/** What it is called and how large it is; a press saves it.
 *  @param {Element} line
 *  @param {ShownFile} file */
export function fillLine(line, { id, name, size }) {
  if (id) line.setAttribute("href", fileAddress(id, "raw", true));
  else line.removeAttribute("href");
  line.dataset.file = id ?? "";
  fillName(line.querySelector(".file-name"), name);
  line.querySelector("small").textContent = sizeText(size);
}

/** A long name is cut before its ending.
 *  @param {Element} element
 *  @param {string} name */
export function fillName(element, name) {
  const [, stem, ending = ""] = /^(.+?)(\.[A-Za-z0-9]{1,10})?$/s.exec(name) ?? [name, name];
  element.firstElementChild.textContent = stem;
  element.lastElementChild.textContent = ending;
}

/** As the server says it (src/text/size.rs).
 *  @param {number} bytes */
export function sizeText(bytes) {
  let [tenths, unit] = [bytes * 10, 0];
  for (; tenths >= 10_240 && unit < UNITS.length - 1; unit += 1) tenths = Math.floor(tenths / 1024);
  return `${tenths / 10} ${UNITS[unit]}`;
}
