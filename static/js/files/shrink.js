// @ts-check
// Pictures are drawn anew before they are sent: a photo is a tenth of its size then, and the place where it was taken never leaves
// the device. What cannot be drawn, would lose something by it, or moves, goes as it is.

/** Formats that browsers show, and those that some can read. */
const READ = /^image\/(?:jpeg|png|webp|gif|avif|heic|heif)$/;
/** Photos: they are always drawn anew. */
const PHOTO = /^image\/(?:jpeg|avif|heic|heif)$/;
const EDGE = 2_560;
const LARGE_BYTES = 2 * 1024 * 1024;
const QUALITY = 0.85;
/** Where a file says that it moves. */
const HEAD_BYTES = 64 * 1024;
/** Edge of the small picture in which transparency is looked for. */
const SAMPLE = 64;

/** Whether it may be a picture.
 *  @param {{ type: string }} file */
export function isImage({ type }) {
  return READ.test(type);
}

/** Gives what is to be sent in its place, with its size in pixels where the browser can tell.
 *  @param {File} file
 *  @returns {Promise<{ blob: Blob, name: string, w?: number, h?: number }>} */
export async function shrink(file) {
  const same = { blob: file, name: file.name };
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(/** @returns {undefined} */ () => undefined);
  if (!bitmap) return same;
  const { width: w, height: h } = bitmap;
  try {
    const photo = PHOTO.test(file.type);
    const large = Math.max(w, h) > EDGE || file.size > LARGE_BYTES;
    if (!photo && (!large || file.type === "image/gif" || await moves(file) || isTransparent(bitmap))) return { ...same, w, h };
    if (!drawsTrue()) return { ...same, w, h };
    const scale = Math.min(1, EDGE / Math.max(w, h));
    const canvas = new OffscreenCanvas(Math.max(1, Math.round(w * scale)), Math.max(1, Math.round(h * scale)));
    const context = canvas.getContext("2d");
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
    if (blob.type !== "image/jpeg") return { ...same, w, h };
    return { blob, name: file.name.replace(/\.[^.]*$/, "") + ".jpg", w: canvas.width, h: canvas.height };
  } catch {
    return { ...same, w, h };
  } finally {
    bitmap.close();
  }
}

/** WebP and PNG say in a chunk of their own that they move.
 *  @param {File} file */
async function moves(file) {
  const head = new TextDecoder("latin1").decode(await file.slice(0, HEAD_BYTES).arrayBuffer());
  return head.includes("ANIM") || head.includes("acTL");
}

/** @param {ImageBitmap} bitmap */
function isTransparent(bitmap) {
  const context = new OffscreenCanvas(SAMPLE, SAMPLE).getContext("2d");
  context.drawImage(bitmap, 0, 0, SAMPLE, SAMPLE);
  const { data } = context.getImageData(0, 0, SAMPLE, SAMPLE);
  return data.some((value, place) => place % 4 === 3 && value < 255);
}

/** Some browsers give back other pixels than were drawn, so that nobody can be known by them. */
export function drawsTrue() {
  const context = new OffscreenCanvas(2, 1).getContext("2d");
  const drawn = ["#123456", "#fedcba"];
  drawn.forEach((colour, x) => {
    context.fillStyle = colour;
    context.fillRect(x, 0, 1, 1);
  });
  const { data } = context.getImageData(0, 0, 2, 1);
  return [0x12, 0x34, 0x56, 255, 0xfe, 0xdc, 0xba, 255].every((value, place) => data[place] === value);
}
