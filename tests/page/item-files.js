{
  async "a message is whole when all of its files are with the server"({ load, is }) {
    const { isWhole, sameFiles, sentFiles, shownFiles, wantedFiles } = await load("outbox/item-files");
    const there = { name: "a", size: 1, alt: "bowls", spoiler: true, file: { id: "x", kind: "picture", name: "a.jpg", size: 2 } };
    const here = { name: "b", size: 3, w: 4, h: 5, url: "blob:b" };
    is([isWhole({}), isWhole({ files: [there] }), isWhole({ files: [there, here] })], [true, true, false]);
    is(wantedFiles([there, { ...there, alt: "", spoiler: false }]), [{ id: "x", alt: "bowls", spoiler: true }, { id: "x" }]);
    is(shownFiles([there, here]).map(({ id, kind, url }) => [id, kind, url]), [["x", "picture", undefined], [undefined, "picture", "blob:b"]]);
    is(shownFiles([{ ...here, url: undefined }])[0].kind, "file", "until it can be shown");
    const said = { name: "voice.wav", size: 3, as: "voice", ms: 5, wave: "AA==", url: "blob:v" };
    is(shownFiles([said]), [{ kind: "voice", url: "blob:v", name: "voice.wav", size: 3, ms: 5, wave: "AA==" }]);
    is(sentFiles([there])[0].alt, "bowls");
    is([sameFiles(undefined, undefined), sameFiles([there], [{ id: "x" }]), sameFiles([there], undefined), sameFiles([here], [{ id: "x" }])], [true, true, false, false]);
  },

  async "nothing of the page's own is kept of a file"({ load, is }) {
    const { recordOf } = await load("outbox/item-files");
    is(recordOf({ nonce: "n", name: "a", blob: {}, original: {}, url: "blob:a", sent: 4, problem: {}, kept: true }), { nonce: "n", name: "a", kept: true });
  },
}
