(() => {
  const DOT = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";

  /** A row with these files, in the page. */
  async function row(load, files) {
    const { attachFiles } = await load("timeline/files-row");
    const { enliven } = await load("files/live-files");
    const li = document.createElement("li");
    li.append(Object.assign(document.createElement("div"), { className: "body" }));
    document.body.append(li);
    attachFiles(li, files);
    enliven(li.querySelector(".files"));
    return li;
  }

  return {
    async "what is hidden is seen after a press, and cannot be opened before"({ load, is }) {
      const li = await row(load, [{ kind: "picture", name: "bowl.jpg", size: 9, w: 2560, h: 1920, alt: "A bowl", spoiler: true, url: DOT }]);
      const [link, image] = [li.querySelector(".pic a"), li.querySelector(".pic img")];
      is([li.querySelector(".pic").className, link.inert, image.alt, image.getAttribute("width"), image.getAttribute("height")], ["pic spoiler", true, "A bowl", "469", "352"]);
      li.querySelector(".unspoil").click();
      is([li.querySelector(".pic").className, link.inert, document.activeElement === link, li.querySelector(".unspoil")], ["pic", false, true, null]);
      li.remove();
    },

    async "a picture that is not there any more says so, one whose line is lost does not"({ load, is }) {
      const { fetch } = globalThis;
      for (const [status, gone] of [[404, true], [410, true], [200, false], [undefined, false]]) {
        const li = await row(load, [{ kind: "picture", name: "bowl.jpg", size: 9, url: DOT }]);
        const asked = new Promise((resolve) => {
          globalThis.fetch = async () => {
            setTimeout(resolve);
            if (!status) throw new TypeError("no line");
            return { status };
          };
        });
        li.querySelector("img").dispatchEvent(new Event("error"));
        await asked;
        is([li.querySelectorAll(".absent").length, li.querySelectorAll("img").length], gone ? [1, 0] : [0, 1], String(status));
        li.remove();
      }
      globalThis.fetch = fetch;
    },

    async "several pictures stand side by side before everything else, and what moves has a button"({ load, is }) {
      const files = ["file", "picture", "animation"].map((kind) => ({ kind, name: `${kind}.bin`, size: 9, url: DOT }));
      const li = await row(load, files);
      is([...li.querySelector(".files").children].map(({ className }) => className), ["pics", "file"]);
      is([...li.querySelectorAll(".pic")].map((picture) => picture.querySelectorAll("button").length), [0, 1]);
      li.remove();
    },

    async "a picture comes as small as its place, whatever its shape"({ load, is }) {
      const { attachFiles } = await load("timeline/files-row");
      const draw = (w, h, more = []) => {
        const li = document.createElement("li");
        li.append(Object.assign(document.createElement("div"), { className: "body" }));
        attachFiles(li, [{ id: "a", kind: "picture", name: "a", size: 1, w, h }, ...more]);
        return li.querySelector("img");
      };
      // Nothing of it is in the page: nothing is asked for.
      const image = draw(1920, 2560);
      image.loading = "lazy";
      is([image.getAttribute("srcset"), image.sizes], ["/files/a/s 360w, /files/a/m 810w", "min(100vw, 264px)"]);
      is([draw(480, 300).getAttribute("srcset"), draw(480, 300).getAttribute("sizes")], [null, null]);
      is(draw(1000, 1000, [{ id: "b", kind: "picture", name: "b", size: 1 }]).sizes, "min(50vw, 240px)");
    },
  };
})()
