{
  async "a message without words is spoken of as what its first file is"({ load, is }) {
    const { gist } = await load("message/plain-text");
    for (const [kind, word] of Object.entries({ file: "[file]", picture: "[picture]", animation: "[animation]", video: "[video]", audio: "[audio]", voice: "[voice message]" })) {
      is(gist({ content: "", files: [{ kind }, { kind: "file" }] }), word);
      is(gist({ content: "tea", files: [{ kind }] }), "tea");
    }
    is([gist({ content: "" }), gist({ content: "", files: [] })], ["", ""]);
  },
}
