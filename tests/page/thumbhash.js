{
  async "a thumbhash becomes a small picture of its shape and colours"({ load, is }) {
    const { pixelsOf } = await load("files/thumbhash");
    const { width, height, data } = pixelsOf("3OcRJYB4d3h/iIeHeEh3eIhw+j2w");
    is([width, height], [32, 23]);
    const mean = [0, 1, 2, 3].map((part) => Math.round(data.filter((_, place) => place % 4 === part).reduce((sum, value) => sum + value, 0) / (width * height)));
    is(mean.every((value, part) => Math.abs(value - [112, 110, 110, 255][part]) < 30), true, String(mean));
  },

  async "what is none is no picture"({ load, is }) {
    const { pixelsOf } = await load("files/thumbhash");
    for (const none of ["", "3Oc=", "not base64!", "////////"]) is(pixelsOf(none), undefined, none);
  },
}
