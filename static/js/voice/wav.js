// @ts-check
// What is heard, as a WAV file: PCM, 16 bit, one channel. Every browser plays it, and its head says how long it is. Pure data.

/** Of the head: RIFF, "fmt " and the beginning of "data". */
const HEAD_BYTES = 44;
const SAMPLE_BYTES = 2;
const MONO = 1, PCM = 1;

/** Samples from -1 to 1, so many a second; what is louder is cut.
 *  @param {Float32Array} samples
 *  @param {number} rate */
export function wavOf(samples, rate) {
  const length = samples.length * SAMPLE_BYTES;
  const view = new DataView(new ArrayBuffer(HEAD_BYTES + length));
  const word = (/** @type {number} */ at, /** @type {string} */ letters) => [...letters].forEach((letter, place) => view.setUint8(at + place, letter.charCodeAt(0)));
  word(0, "RIFF");
  view.setUint32(4, HEAD_BYTES - 8 + length, true);
  word(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, PCM, true);
  view.setUint16(22, MONO, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * SAMPLE_BYTES, true);
  view.setUint16(32, SAMPLE_BYTES, true);
  view.setUint16(34, 8 * SAMPLE_BYTES, true);
  word(36, "data");
  view.setUint32(40, length, true);
  samples.forEach((sample, place) => {
    const within = Math.max(-1, Math.min(1, sample));
    view.setInt16(HEAD_BYTES + place * SAMPLE_BYTES, Math.round(within * (within < 0 ? 0x8000 : 0x7fff)), true);
  });
  return view.buffer;
}
