{
  async "a waveform is the loudest of 64 slices"({ load, is }) {
    const { waveOf } = await load("voice/samples");
    const peaks = (samples) => [...atob(waveOf(Float32Array.from(samples)))].map((peak) => peak.charCodeAt(0));
    const rising = Array.from({ length: 6_400 }, (_, place) => (place % 2 ? 1 : -1) * Math.floor(place / 100) / 63);
    is(peaks(rising).map((peak) => Math.round(peak * 63 / 255)), Array.from({ length: 64 }, (_, place) => place));
    is(peaks(new Array(640).fill(2)), new Array(64).fill(255), "no louder than the loudest");
    is(peaks([]), new Array(64).fill(0));
  },
}
