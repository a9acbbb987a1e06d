{
  async "a picture keeps its shape within the box"({ load, is }) {
    const { fit } = await load("timeline/files-row");
    for (const [size, fits] of [
      [[100, 50], [100, 50]], [[480, 352], [480, 352]], [[2560, 1920], [469, 352]], [[2560, 1440], [480, 270]],
      [[1440, 2560], [198, 352]], [[12_000, 10], [480, 1]], [[10, 12_000], [1, 352]],
    ]) is(fit(...size), fits);
  },

  async "a name is cut before its ending"({ load, is }) {
    const { fillName } = await load("timeline/files-row");
    const parts = (name) => {
      const element = document.createElement("bdi");
      element.append(document.createElement("span"), document.createElement("span"));
      fillName(element, name);
      return [...element.children].map(({ textContent }) => textContent);
    };
    for (const [name, split] of [
      ["tea.pdf", ["tea", ".pdf"]], ["tea.tar.gz", ["tea.tar", ".gz"]], ["茶.文档", ["茶.文档", ""]], [".env", [".env", ""]],
      ["tea.", ["tea.", ""]], ["tea", ["tea", ""]], ["tea.abcdefghijk", ["tea.abcdefghijk", ""]],
    ]) is(parts(name), split);
  },

  async "sizes are short"({ load, is }) {
    const { sizeText } = await load("timeline/files-row");
    for (const [bytes, text] of [
      [0, "0 B"], [1_023, "1023 B"], [1_024, "1 KB"], [1_536, "1.5 KB"], [10_752, "10.5 KB"], [1_288_490, "1.2 MB"],
      [104_857_600, "100 MB"], [1_610_612_736, "1.5 GB"],
    ]) is(sizeText(bytes), text);
  },

  async "files that stand in a row stay there when something else of it changes"({ load, is }) {
    const { attachFiles } = await load("timeline/files-row");
    const li = document.createElement("li");
    li.append(Object.assign(document.createElement("div"), { className: "body" }));
    const tea = { id: "a", kind: "file", name: "tea.pdf", size: 5 };
    attachFiles(li, [tea]);
    const box = li.querySelector(".files");
    attachFiles(li, [{ ...tea }]);
    is(li.querySelector(".files") === box, true);
    attachFiles(li, [tea, { ...tea, id: "b" }]);
    is([li.querySelectorAll(".files").length, li.querySelectorAll("a.file").length], [1, 2]);
    attachFiles(li, [{ id: "a", kind: "picture", gone: true }, { ...tea, id: "b" }]);
    is([li.querySelectorAll(".pic").length, li.querySelectorAll(".absent").length, li.querySelectorAll("a.file").length], [0, 1, 1]);
    attachFiles(li, undefined);
    is(li.querySelector(".files"), null);
  },
}
