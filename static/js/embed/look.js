// @ts-check
// The host's colour on the page, made so dark in light and so light in the dark that words on it, and words in it, can be read.

/** WCAG 2.2, 1.4.3. */
const CONTRAST = 4.5;
const STEP = 0.04;
const WHITE = [255, 255, 255], BLACK = [0, 0, 0];
/** What words in the colour stand on: the page's papers. */
const LIGHT = [246, 243, 237], DARK = [36, 32, 26];

/** @param {string | undefined} colour */
export function showAccent(colour) {
  const { style } = document.documentElement;
  const own = colour && CSS.supports("color", colour) ? pixelOf(colour) : undefined;
  const set = (/** @type {string} */ name, /** @type {string} */ value) => (own ? style.setProperty(name, value) : style.removeProperty(name));
  const [onLight, onDark] = own ? [apart(own, LIGHT, BLACK), apart(own, DARK, WHITE)] : ["", ""];
  set("--jade", `light-dark(${onLight}, ${onDark})`);
  set("--jade-ink", "light-dark(#fff, #14110c)");
  set("--jade-soft", `light-dark(color-mix(in oklab, ${onLight} 10%, #fff), color-mix(in oklab, ${onDark} 22%, #14110c))`);
}

/** The colour, drawn towards another until it stands out from the ground.
 *  @param {number[]} colour
 *  @param {number[]} ground
 *  @param {number[]} towards */
export function apart(colour, ground, towards) {
  let mixed = colour;
  for (let part = 0; contrast(mixed, ground) < CONTRAST && part <= 1; part += STEP) {
    mixed = colour.map((value, i) => Math.round(value + (towards[i] - value) * part));
  }
  return `rgb(${mixed.join(" ")})`;
}

/** @param {number[]} a
 *  @param {number[]} b */
export function contrast(a, b) {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

/** @param {number[]} rgb */
function luminance(rgb) {
  const [r, g, b] = rgb.map((value) => value / 255).map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Any colour that CSS knows, as red, green and blue.
 *  @param {string} colour */
function pixelOf(colour) {
  const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d");
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 1, 1);
  return [...pen.getImageData(0, 0, 1, 1).data.slice(0, 3)];
}
