// @ts-check
// A recording, in whichever format the browser makes it, as samples of one channel, and how loud they are.

/** A second of speech has so many samples: as many as a voice needs. */
export const RATE = 16_000;
/** Slices of a waveform. */
const SLICES = 64;
const LOUDEST = 255;

/** Reads a recording; throws when the browser cannot.
 *  @param {Blob} recording */
export async function samplesOf(recording) {
  const context = new OfflineAudioContext(1, 1, RATE);
  const audio = await context.decodeAudioData(await recording.arrayBuffer());
  const samples = new Float32Array(audio.length);
  for (let channel = 0; channel < audio.numberOfChannels; channel += 1) {
    audio.getChannelData(channel).forEach((sample, place) => { samples[place] += sample / audio.numberOfChannels; });
  }
  return samples;
}

/** The waveform: the loudest of each slice, 0 to 255, in base64. It is as the server makes it.
 *  @param {Float32Array} samples */
export function waveOf(samples) {
  const peaks = Array.from({ length: SLICES }, (_, slice) => {
    const [from, to] = [slice, slice + 1].map((end) => Math.floor(end * samples.length / SLICES));
    return samples.subarray(from, to).reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
  });
  return btoa(String.fromCharCode(...peaks.map((peak) => Math.min(LOUDEST, Math.round(peak * LOUDEST)))));
}
