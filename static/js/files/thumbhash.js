// @ts-check
// What a picture will roughly look like, from the 25 bytes of its thumbhash (evanw.github.io/thumbhash): a few cosines of brightness,
// two of colour, and of transparency. Written from the description of the format.

/** Long edge of what is drawn: the browser makes it larger, and smooth. */
const EDGE = 32;

/** Gives the pixels; undefined when it is no thumbhash.
 *  @param {string} base64
 *  @returns {ImageData | undefined} */
export function pixelsOf(base64) {
  const hash = bytesOf(base64);
  if (hash.length < 5) return undefined;
  const head = hash[0] | (hash[1] << 8) | (hash[2] << 16);
  const tail = hash[3] | (hash[4] << 8);
  const alpha = head >> 23 === 1;
  const landscape = tail >> 15 === 1;
  const longest = alpha ? 5 : 7;
  const [columns, rows] = landscape ? [longest, Math.max(3, tail & 7)] : [Math.max(3, tail & 7), longest];
  const scale = { l: ((head >> 18) & 31) / 31, p: ((tail >> 3) & 63) / 63 * 1.25, q: ((tail >> 9) & 63) / 63 * 1.25, a: alpha ? (hash[5] >> 4) / 15 : 0 };
  let next = (alpha ? 6 : 5) * 2;
  /** Each number is half a byte, the low half first. */
  const half = () => ((hash[next >> 1] >> ((next++ & 1) << 2)) & 15) / 7.5 - 1;
  const waves = (/** @type {number} */ nx, /** @type {number} */ ny, /** @type {number} */ by) => {
    /** @type {[number, number, number][]} */
    const found = [];
    for (let y = 0; y < ny; y += 1) for (let x = y ? 0 : 1; x * ny < nx * (ny - y); x += 1) found.push([x, y, half() * by]);
    return found;
  };
  const l = waves(columns, rows, scale.l);
  const p = waves(3, 3, scale.p);
  const q = waves(3, 3, scale.q);
  const a = alpha ? waves(5, 5, scale.a) : [];
  const mean = { l: (head & 63) / 63, p: ((head >> 6) & 63) / 31.5 - 1, q: ((head >> 12) & 63) / 31.5 - 1, a: alpha ? (hash[5] & 15) / 15 : 1 };
  if (next > hash.length * 2) return undefined;

  const ratio = columns / rows;
  const [width, height] = ratio > 1 ? [EDGE, Math.round(EDGE / ratio)] : [Math.round(EDGE * ratio), EDGE];
  const pixels = new ImageData(width, height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = (/** @type {number} */ start, /** @type {[number, number, number][]} */ all) => all.reduce(
        (sum, [cx, cy, by]) => sum + by * 2 * Math.cos(Math.PI / width * (x + 0.5) * cx) * Math.cos(Math.PI / height * (y + 0.5) * cy), start);
      const [light, yellow, red] = [at(mean.l, l), at(mean.p, p), at(mean.q, q)];
      const blue = light - 2 / 3 * yellow;
      const r = (3 * light - blue + red) / 2;
      pixels.data.set([r, r - red, blue, at(mean.a, a)].map((part) => Math.max(0, Math.min(1, part)) * 255), (y * width + x) * 4);
    }
  }
  return pixels;
}

/** @param {string} base64 */
function bytesOf(base64) {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}
