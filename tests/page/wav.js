{
  async "samples become a WAV file with a head of 44 bytes that says what follows"({ load, is }) {
    const { wavOf } = await load("voice/wav");
    const view = new DataView(wavOf(new Float32Array([0, 1, -1, .5, 3, -3]), 16_000));
    const word = (at) => String.fromCharCode(...new Uint8Array(view.buffer, at, 4));
    is([word(0), word(8), word(12), word(36)], ["RIFF", "WAVE", "fmt ", "data"]);
    is([view.byteLength, view.getUint32(4, true), view.getUint32(16, true), view.getUint32(40, true)], [56, 48, 16, 12]);
    is([20, 22, 32, 34].map((at) => view.getUint16(at, true)), [1, 1, 2, 16], "PCM, one channel, 2 bytes, 16 bit");
    is([view.getUint32(24, true), view.getUint32(28, true)], [16_000, 32_000]);
    is([0, 1, 2, 3, 4, 5].map((place) => view.getInt16(44 + 2 * place, true)), [0, 32_767, -32_768, 16_384, 32_767, -32_768], "what is too loud is cut");
  },

  async "a browser reads it as what was written"({ load, is }) {
    const { wavOf } = await load("voice/wav");
    const { samplesOf } = await load("voice/samples");
    const tone = Float32Array.from({ length: 16_000 }, (_, place) => Math.sin(place / 10) / 2);
    const read = await samplesOf(new Blob([wavOf(tone, 16_000)]));
    is(read.length, tone.length);
    is(read.every((sample, place) => Math.abs(sample - tone[place]) < .001), true);
    is(await samplesOf(new Blob(["no sound"])).catch(({ name }) => name), "EncodingError");
  },
}
