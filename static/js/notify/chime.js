// @ts-check
// A soft sound, like a lid put on a bowl: two short notes made on the spot.

/** Not again within this time, however much comes. */
const REST_MS = 2_500;
const NOTES = [[0, 659.3], [.09, 987.8]];
const LOUD = .05;
const FADES_S = .5;

/** @type {AudioContext | undefined} */
let audio;
let rang = -REST_MS;

export function chime() {
  // Before the first touch of the page a browser lets nothing be heard.
  if (!navigator.userActivation?.hasBeenActive || performance.now() - rang < REST_MS) return;
  rang = performance.now();
  audio ??= new AudioContext();
  audio.resume();
  for (const [after, frequency] of NOTES) note(audio.currentTime + after, frequency);
}

/** @param {number} at
 *  @param {number} frequency */
function note(at, frequency) {
  const tone = new OscillatorNode(audio, { type: "sine", frequency });
  const volume = new GainNode(audio, { gain: 0 });
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(LOUD, at + .015);
  volume.gain.exponentialRampToValueAtTime(.0001, at + FADES_S);
  tone.connect(volume).connect(audio.destination);
  tone.start(at);
  tone.stop(at + FADES_S);
}
