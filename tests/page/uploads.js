(() => {
  /** A server of uploads, and a way to it, in place of the browser's: one upload, named `a`. */
  async function uploads(load) {
    const { Upload } = await load("net/uploads");
    const { PieceSize } = await load("net/piece-size");
    const server = { got: 0, length: 0, asked: [], pieces: [], fails: [], refused: 0, proxy: Infinity };
    class Request {
      upload = {};
      #headers = {};
      #answer = {};
      open(method, url) { Object.assign(this, { method, url }); }
      setRequestHeader(name, value) { this.#headers[name] = value; }
      getResponseHeader(name) { return this.#answer[name] ?? null; }
      send(body) { queueMicrotask(() => this.#send(body)); }
      abort() { this.#end(0, ""); }
      async #send(body) {
        const { method, url } = this;
        const bytes = body?.size ?? body?.length ?? 0;
        const number = server.asked.filter((each) => each.method === "PATCH").length;
        server.asked.push({ method, url, headers: this.#headers });
        if (method === "PATCH" && number === server.stopsAt) return server.upload.stop();
        const fails = server.fails.find((each) => (each.method ? each.method === method : method === "PATCH" && each.at === number));
        if (fails) {
          server.fails = server.fails.filter((each) => each !== fails);
          server.got += fails.takes ?? 0;
          if (fails.offset) server.got = this.#answer["Upload-Offset"] = fails.offset;
          return this.#end(fails.status, fails.data ?? (fails.code && { error: { code: fails.code, message: fails.message ?? "" } }));
        }
        if (bytes > server.proxy) {
          server.refused += 1;
          return this.#end(413, "<html>413 Request Entity Too Large</html>");
        }
        if (method === "POST") {
          server.length = Number(this.#headers["Upload-Length"]);
          this.#answer.Location = "/api/v1/uploads/a";
        }
        if (method === "PATCH") {
          if (Number(this.#headers["Upload-Offset"]) !== server.got) return this.#end(400, { error: { code: "bad_upload", message: "" } });
          server.pieces.push(bytes);
          this.upload.onprogress({ loaded: bytes });
          server.got += bytes;
        }
        this.#answer["Upload-Offset"] = String(server.got);
        return this.#end(method === "POST" ? 201 : 200, method === "GET" && { state: "ready", offset: server.got, file: { id: "a" } });
      }
      #end(status, data) {
        Object.assign(this, { status, responseText: typeof data === "string" ? data : data ? JSON.stringify(data) : "" });
        this.onloadend();
      }
    }
    for (const key of Object.keys(localStorage)) if (key.endsWith("upload.ceiling")) localStorage.removeItem(key);
    const run = async ({ size, name = "tea.txt", url, moved = () => {}, again }) => {
      if (again) Object.assign(server, { got: 0, pieces: [] });
      const bytes = { size, read: async (from, to) => new Uint8Array(to - from) };
      server.upload = new Upload({ bytes, meta: { filename: name, nonce: "n", full: "" }, url, moved, pieces: new PieceSize() });
      const before = globalThis.XMLHttpRequest;
      globalThis.XMLHttpRequest = Request;
      try {
        return await server.upload.run();
      } finally {
        const { cancel } = server.upload;
        server.upload.cancel = async () => {
          globalThis.XMLHttpRequest = Request;
          await cancel.call(server.upload);
          globalThis.XMLHttpRequest = before;
        };
        globalThis.XMLHttpRequest = before;
      }
    };
    return { server, run };
  }

  return {
  async "an upload is created, sent in growing pieces, and waited for"({ load, is }) {
    const { server, run } = await uploads(load);
    const moved = [];
    const file = await run({ size: 2_000_000, name: "茶.txt", moved: (offset) => moved.push(offset) });
    is([file.id, server.got], ["a", 2_000_000]);
    is(server.pieces, [262_144, 524_288, 1_048_576, 164_992]);
    is([moved[0], moved.at(-1), moved.every((offset, place) => place === 0 || offset >= moved[place - 1])], [0, 2_000_000, true]);
    const { headers } = server.asked[0];
    is([headers["Tus-Resumable"], headers["Upload-Length"], headers["Upload-Metadata"]], ["1.0.0", "2000000", "filename 6Iy2LnR4dA==,nonce bg==,full"]);
  },

  async "a name that is too long keeps its ending"({ load, is }) {
    const { server, run } = await uploads(load);
    await run({ size: 10, name: `${"茶".repeat(400)}.docx` });
    const [, base64] = server.asked[0].headers["Upload-Metadata"].split(/[ ,]/);
    const name = new TextDecoder().decode(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
    is([name.length, name.slice(-6)], [300, "茶.docx"]);
  },

  async "after a lost line it asks where it stands and goes on from there"({ load, is }) {
    const { server, run } = await uploads(load);
    server.fails = [{ at: 1, status: 0, takes: 100_000 }];
    await run({ size: 600_000 });
    is(server.asked.map(({ method }) => method), ["POST", "PATCH", "PATCH", "HEAD", "PATCH", "GET"]);
    is([server.got, server.asked[4].headers["Upload-Offset"]], [600_000, "362144"]);
  },

  async "what an earlier page has begun is gone on with"({ load, is }) {
    const { server, run } = await uploads(load);
    server.got = 500_000;
    await run({ size: 600_000, url: "/api/v1/uploads/a" });
    is([server.asked.map(({ method }) => method), server.pieces], [["HEAD", "PATCH", "GET"], [100_000]]);
  },

  async "a wrong offset is set right without a word"({ load, is }) {
    const { server, run } = await uploads(load);
    server.fails = [{ at: 0, status: 409, code: "wrong_offset", offset: 50_000 }];
    await run({ size: 100_000 });
    is([server.got, server.pieces.at(-1)], [100_000, 50_000]);
  },

  async "a proxy's limit is found, kept below, and told once"({ load, is }) {
    const { server, run } = await uploads(load);
    server.proxy = 300_000;
    await run({ size: 1_000_000 });
    is([server.got, Math.max(...server.pieces) <= 300_000], [1_000_000, true]);
    is(server.asked.map(({ headers }) => headers["Upload-Ceiling"]).filter(Boolean), ["262144"]);
    await run({ size: 1_000_000, again: true });
    is(server.refused, 1, "it is remembered");
  },

  async "where not even the smallest piece comes through it says so"({ load, is }) {
    const { server, run } = await uploads(load);
    server.proxy = 10;
    is(await run({ size: 1_000_000 }).catch(({ code, status }) => [code, status]), ["unexpected", 413]);
  },

  async "what the server minds is said, and not tried again"({ load, is }) {
    const { server, run } = await uploads(load);
    server.fails = [{ method: "POST", status: 403, code: "quota_full", message: "Full." }];
    is(await run({ size: 10 }).catch(({ code, message }) => [code, message]), ["quota_full", "Full."]);
    is(server.asked.length, 1);
    server.fails = [{ method: "GET", status: 200, data: { state: "refused", offset: 10, error: { code: "bad_picture", message: "No picture." } } }];
    is(await run({ size: 10 }).catch(({ code }) => code), "bad_picture");
  },

  async "an upload that is not there any more is begun again"({ load, is }) {
    const { server, run } = await uploads(load);
    server.fails = [{ method: "HEAD", status: 410 }];
    await run({ size: 10, url: "/api/v1/uploads/old" });
    is(server.asked.map(({ method }) => method), ["HEAD", "POST", "PATCH", "GET"]);
    is(server.asked[1].headers["Upload-Metadata"].includes("nonce bg=="), false, "as another one");
  },

  async "what is stopped goes no further, and what is cancelled is taken back"({ load, is }) {
    const { server, run } = await uploads(load);
    server.stopsAt = 1;
    is(await run({ size: 1_000_000 }).catch(({ name }) => name), "AbortError");
    const { length } = server.asked;
    await server.upload.cancel();
    is(server.asked.slice(length).map(({ method, url }) => [method, url]), [["DELETE", "/api/v1/uploads/a"]]);
  },
};
})()
