// @ts-check
// A microphone that listens: what it has heard so far, and how loud it is just now. However it ends, the microphone is let go of.

/** Samples in which the loudest is looked for: a twentieth of a second. */
const LOOKS_AT = 2_048;

/** Of somebody who speaks. */
const WANTED = { audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true } };

/** Asks for the microphone; throws what the browser says when there is none, or not for this page. `ended()` hears that it has stopped by
 *  itself: the system took it away, or it was unplugged.
 *  @param {{ ended: () => void }} parts */
export async function listen({ ended }) {
  const stream = await navigator.mediaDevices.getUserMedia(WANTED);
  try {
    return new Microphone(stream, ended);
  } catch (error) {
    stopTracks(stream);
    throw error;
  }
}

export class Microphone {
  #stream;
  /** @type {AudioContext | undefined} */
  #context;
  /** @type {AnalyserNode | undefined} */
  #analyser;
  #samples = new Float32Array(LOOKS_AT);
  #recorder;
  #began = performance.now();
  #heard;

  /** @param {MediaStream} stream
   *  @param {() => void} ended */
  constructor(stream, ended) {
    this.#stream = stream;
    this.#recorder = new MediaRecorder(stream);
    // Without a time between pieces there is one: not every browser reads what others of its kind are joined from.
    /** @type {Promise<Blob>} */
    this.#heard = new Promise((done) => { this.#recorder.ondataavailable = ({ data }) => done(data); });
    this.#heard.then(ended);
    // Not every recorder ends with what it records.
    for (const track of stream.getTracks()) track.onended = () => this.#end();
    this.#recorder.start();
    this.#watch();
  }

  /** For the bars alone: without them it records all the same. */
  #watch() {
    try {
      this.#context = new AudioContext();
      this.#analyser = new AnalyserNode(this.#context, { fftSize: LOOKS_AT });
      this.#context.createMediaStreamSource(this.#stream).connect(this.#analyser);
      this.#context.resume();
    } catch {
      this.#analyser = undefined;
    }
  }

  /** How long it has been listening. */
  get ms() {
    return performance.now() - this.#began;
  }

  /** How loud it is, 0 to 1. */
  get loudness() {
    this.#analyser?.getFloatTimeDomainData(this.#samples);
    return this.#samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
  }

  /** Ends it, and gives all that it has heard. */
  stop() {
    this.#end();
    return this.#heard;
  }

  #end() {
    if (this.#recorder.state !== "inactive") this.#recorder.stop();
    stopTracks(this.#stream);
    if (this.#context?.state !== "closed") this.#context?.close();
  }
}

/** The light beside the camera goes out.
 *  @param {MediaStream} stream */
function stopTracks(stream) {
  for (const track of stream.getTracks()) track.stop();
}
