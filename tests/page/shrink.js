(() => {
  /** A picture of this type and size: plain colours, with a hole in it where it is asked for. */
  async function picture(type, [w, h], hole = false) {
    const canvas = new OffscreenCanvas(w, h);
    const context = canvas.getContext("2d");
    context.fillStyle = "#c84";
    context.fillRect(0, 0, w, h);
    if (hole) context.clearRect(0, 0, w / 2, h / 2);
    const ending = type.split("/")[1];
    return new File([await canvas.convertToBlob({ type })], `tea.bowl.${ending}`, { type });
  }

  return {
    async "a photo is always drawn anew, and no larger than the server's largest"({ load, is }) {
      const { shrink } = await load("files/shrink");
      for (const [size, drawn] of [[[800, 600], [800, 600]], [[4000, 3000], [2560, 1920]], [[1000, 5120], [500, 2560]]]) {
        const photo = await picture("image/jpeg", size);
        const { blob, name, w, h } = await shrink(photo);
        is([blob.type, name, w, h, blob === photo], ["image/jpeg", "tea.bowl.jpg", ...drawn, false]);
        const bitmap = await createImageBitmap(blob);
        is([bitmap.width, bitmap.height], drawn);
      }
    },

    async "a photo's turn is in its pixels, and nothing else of what the camera wrote"({ load, is }) {
      const { shrink } = await load("files/shrink");
      const plain = new Uint8Array(await (await picture("image/jpeg", [40, 20])).arrayBuffer());
      // TIFF, big-endian, one entry: orientation (0x0112), a short, 6: to be turned by a quarter.
      const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
      const place = [..."GPS 30.1N 120.1E"].map((sign) => sign.charCodeAt(0));
      const exif = [..."Exif"].map((sign) => sign.charCodeAt(0)).concat(0, 0, tiff, place);
      const turned = new File([plain.slice(0, 2), new Uint8Array([0xff, 0xe1, 0, exif.length + 2, ...exif]), plain.slice(2)], "IMG_1.jpeg", { type: "image/jpeg" });
      const { blob, w, h } = await shrink(turned);
      is([w, h, (await turned.text()).includes("GPS"), (await blob.text()).includes("GPS"), (await blob.text()).includes("Exif")], [20, 40, true, false, false]);
    },

    async "small pictures, transparent ones and those that move go as they are"({ load, is }) {
      const { shrink } = await load("files/shrink");
      const large = await picture("image/png", [3000, 2000]);
      is(await shrink(large).then(({ blob, name, w }) => [blob.type, name, w]), ["image/jpeg", "tea.bowl.jpg", 2560]);
      const still = await picture("image/png", [2600, 10]);
      is((await shrink(still)).w, 2560);
      const moving = new File([await still.arrayBuffer(), "acTL"], "moving.png", { type: "image/png" });
      for (const [file, size] of [
        [await picture("image/png", [300, 200]), 300], [await picture("image/png", [3000, 2000], true), 3000], [await picture("image/webp", [500, 500]), 500],
        // What cannot be read here may be read there.
        [moving, 2600], [new File(["tea"], "tea.jpg", { type: "image/jpeg" }), undefined],
      ]) {
        const { blob, name, w } = await shrink(file);
        is([blob === file, name, w], [true, file.name, size]);
      }
    },
  };
})()
