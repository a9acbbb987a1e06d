// @ts-check
// The icon of the tab with a number on it, drawn as an address.

const SIZE = 64;
const BOWL = "M3 14h26c0 7-4 12.5-9.5 12.5h-7C7 26.5 3 21 3 14zM10.5 28h11v2h-11z";
const STEAM = "M12.5 10.5c-1.7-2.2 1.7-3.8 0-6.5M19.5 10.5c-1.7-2.2 1.7-3.8 0-6.5";
const JADE = "#2b9671";
const CLAY = "#b4512c";

/** @param {string} text */
export function iconWith(text) {
  const canvas = Object.assign(document.createElement("canvas"), { width: SIZE, height: SIZE });
  const pen = canvas.getContext("2d");
  pen.scale(SIZE / 32, SIZE / 32);
  Object.assign(pen, { fillStyle: JADE, strokeStyle: JADE, lineWidth: 2.2, lineCap: "round" });
  pen.fill(new Path2D(BOWL));
  pen.stroke(new Path2D(STEAM));
  pen.fillStyle = CLAY;
  pen.beginPath();
  pen.arc(22, 10, 10, 0, 2 * Math.PI);
  pen.fill();
  Object.assign(pen, { fillStyle: "#fff", font: `bold ${text.length > 2 ? 9 : text.length > 1 ? 12 : 15}px sans-serif`, textAlign: "center", textBaseline: "middle" });
  pen.fillText(text, 22, 10.75);
  return canvas.toDataURL();
}
