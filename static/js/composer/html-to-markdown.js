// @ts-check
// Markup from elsewhere as the Markdown that messages know. It is read in a document of its own, which runs and loads nothing.

const SKIPPED = new Set(["head", "style", "script", "noscript", "template", "title", "meta", "link", "svg", "math", "iframe", "object", "select", "input", "textarea", "button"]);
const BLOCKS = "p,div,section,article,header,footer,main,aside,nav,figure,figcaption,address,details,summary,dl,dt,dd,form,fieldset,center,"
  + "ul,ol,li,pre,blockquote,table,thead,tbody,tfoot,tr,td,th,h1,h2,h3,h4,h5,h6,hr,body";
/** These stand apart from what is around them. */
const LOOSE = "p,ul,ol,pre,blockquote,table,h1,h2,h3,h4,h5,h6";
const HEADINGS = "h1,h2,h3,h4,h5,h6,th";
const LINKS = /^(?:https?|mailto):/i;
/** Bigger tables are shown as text anyway. */
const MOST_CELLS = 400;

/** Undefined when there is no structure worth keeping.
 *  @param {string} html */
export function markdownOf(html) {
  const { body } = new DOMParser().parseFromString(tamed(html), "text/html");
  const writer = new Writer();
  const words = joined(writer.blocks(body)).replace(/\n{3,}/g, "\n\n").trim();
  return writer.worth && words ? words : undefined;
}

class Writer {
  /** Whether anything was written that plain text would not say. */
  worth = false;

  /** The blocks in an element, each `{text, loose}`.
   *  @param {Element} parent
   *  @returns {Block[]} */
  blocks(parent) {
    /** @type {Block[]} */
    const all = [];
    let line = "";
    const flush = () => {
      const text = line.replace(/[ \t]*\n[ \t]*/g, "\n").trim();
      if (text) all.push({ text: text.replace(/^(?:#{1,6} |>|[-+] |\d+(?=[.)] ))/gm, startsLikeMarkup), loose: false });
      line = "";
    };
    for (const node of parent.childNodes) {
      if (!(node instanceof Element) || !(node.matches(BLOCKS) || node.querySelector(BLOCKS))) {
        line += this.#inline(node);
        continue;
      }
      flush();
      if (SKIPPED.has(node.localName)) continue;
      const blocks = this.#block(node);
      const loose = node.matches(LOOSE);
      all.push(...blocks.map((each) => ({ text: each.text, loose: each.loose || loose })));
    }
    flush();
    return all;
  }

  /** @param {Element} node
   *  @returns {Block[]} */
  #block(node) {
    const name = node.localName;
    if (name === "ul" || name === "ol") return this.#list(node);
    if (name === "pre") return this.#code(node);
    if (node instanceof HTMLTableElement) return this.#table(node);
    if (name === "blockquote") return this.#marked(joined(this.blocks(node)).replace(/^/gm, "> "));
    if (/^h[1-6]$/.test(name)) {
      const words = joined(this.blocks(node)).replace(/\s+/g, " ");
      return words ? this.#marked(`**${words}**`) : [];
    }
    return this.blocks(node);
  }

  /** @param {string} text */
  #marked(text) {
    this.worth = true;
    return [{ text, loose: true }];
  }

  /** @param {Element} node
   *  @returns {Block[]} */
  #list(node) {
    let number = node instanceof HTMLOListElement ? node.start : NaN;
    const lines = [];
    for (const item of node.children) {
      const words = (item.matches("ul,ol") ? this.#list(item) : this.blocks(item)).map(({ text }) => text).join("\n");
      if (!words) continue;
      if (item instanceof HTMLLIElement && item.hasAttribute("value") && !Number.isNaN(number)) number = item.value;
      // Some write a list within a list beside its item, not in it.
      const sign = item.matches("ul,ol") ? "  " : Number.isNaN(number) ? "- " : `${number++}. `;
      lines.push(sign + words.replaceAll("\n", `\n${" ".repeat(sign.length)}`));
    }
    return lines.length ? this.#marked(lines.join("\n")) : [];
  }

  /** @param {Element} node
   *  @returns {Block[]} */
  #code(node) {
    const text = node.textContent.replace(/^\n|\s+$/g, "");
    if (!text) return [];
    const language = /(?:^|\s)lang(?:uage)?-([\w+#-]+)/.exec(`${node.className} ${node.querySelector("code")?.className ?? ""}`)?.[1] ?? "";
    const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
    const fence = "`".repeat(longest + 1);
    return this.#marked(`${fence}${language}\n${text}\n${fence}`);
  }

  /** @param {HTMLTableElement} node
   *  @returns {Block[]} */
  #table(node) {
    const rows = [...node.rows].filter(({ cells }) => cells.length);
    const width = Math.max(0, ...rows.map(({ cells }) => cells.length));
    // A table that only holds the page together, or is too big to be one here.
    if (rows.length < 2 || width < 2 || rows.length * width > MOST_CELLS || node.querySelector("table")) return this.blocks(node);
    const lines = rows.map(({ cells }) => {
      const words = [...cells].map((cell) => joined(this.blocks(cell)).replace(/\s*\n\s*/g, " ").replaceAll("|", "\\|"));
      return `| ${words.concat(Array(width - words.length).fill("")).join(" | ")} |`;
    });
    lines.splice(1, 0, `|${" --- |".repeat(width)}`);
    return this.#marked(lines.join("\n"));
  }

  /** @param {Node} node
   *  @returns {string} */
  #inline(node) {
    if (node instanceof Text) return escaped(node.data.replace(/[ \t\r\n\f]+/g, " "));
    if (!(node instanceof Element) || SKIPPED.has(node.localName)) return "";
    const name = node.localName;
    if (name === "br") return "\n";
    if (node instanceof HTMLImageElement) return escaped(node.alt);
    if (/^(?:code|kbd|samp|tt)$/.test(name)) return this.#span(node.textContent);
    const words = [...node.childNodes].map((each) => this.#inline(each)).join("");
    if (name === "a") return this.#link(node, words);
    return signsOf(node).reduce((text, sign) => this.#around(sign, text), words);
  }

  /** @param {string} sign
   *  @param {string} words */
  #around(sign, words) {
    const core = words.trim();
    if (!core) return words;
    this.worth = true;
    const at = words.indexOf(core);
    return `${words.slice(0, at)}${sign}${core}${sign}${words.slice(at + core.length)}`;
  }

  /** @param {string} text */
  #span(text) {
    if (!text.trim()) return text;
    this.worth = true;
    const words = text.replace(/\s+/g, " ");
    return words.includes("`") ? `\`\` ${words} \`\`` : `\`${words}\``;
  }

  /** @param {Element} node
   *  @param {string} words */
  #link(node, words) {
    const text = words.replace(/\s+/g, " ").trim();
    const href = node.getAttribute("href")?.trim() ?? "";
    if (!text || !LINKS.test(href)) return words;
    const shown = node.textContent.trim();
    // An address that is written out becomes a link by itself.
    if ([shown, `${shown}/`, `mailto:${shown}`].includes(href)) return shown;
    this.worth = true;
    const address = href.replace(/[()<>\s]/g, (sign) => `%${sign.charCodeAt(0).toString(16).padStart(2, "0")}`);
    return `[${text.replaceAll("]", "\\]")}](${address})`;
  }
}

/** The page's policy forbids styles and handlers in all that it parses, and says so for each: here they are only read.
 *  @param {string} html */
function tamed(html) {
  return html.replace(/<style[\s>][^]*?<\/style>/gi, "").replace(/<[a-z][^<>]*>/gi, (tag) => tag.replace(/[\s/](style|on\w+)\s*=/gi, " data-$1="));
}

/** What an element makes of the words in it, unless something around it does already.
 *  @param {Element} node */
function signsOf(node) {
  const styles = node.dataset?.style ?? "";
  const [, weight] = /font-weight:\s*(\w+)/i.exec(styles) ?? [];
  const [, style] = /font-style:\s*(\w+)/i.exec(styles) ?? [];
  const line = /text-decoration[\w-]*:[^;]*line-through/i.test(styles);
  const around = (/** @type {string} */ css) => node.parentElement?.closest(css);
  const signs = [];
  const bold = weight ? weight === "bold" || Number(weight) >= 600 : node.matches("b,strong");
  const italic = style ? style === "italic" : node.matches("i,em,cite");
  if (italic && !around("i,em,cite")) signs.push("*");
  if (bold && !around(`${HEADINGS},strong,b:not([data-style*=weight])`)) signs.push("**");
  if ((node.matches("del,s,strike") || line) && !around("del,s,strike")) signs.push("~~");
  return signs;
}

/** @param {Block[]} blocks */
function joined(blocks) {
  return blocks.reduce((all, { text, loose }, place) => (place === 0 ? text : `${all}${loose || blocks[place - 1].loose ? "\n\n" : "\n"}${text}`), "");
}

/** What is text there stays text here.
 *  @param {string} text */
function escaped(text) {
  return text.replace(/[\\`*]|~~|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|\[(?=[^\]]*\]\()/gu, "\\$&");
}

/** @param {string} sign */
function startsLikeMarkup(sign) {
  return /\d$/.test(sign) ? `${sign}\\` : `\\${sign}`;
}
