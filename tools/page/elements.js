// Writes elements.d.ts: which element has which id, which class and which template, as templates/ say. A script that asks for an id that
// no template has is told so by the compiler.

import { readFileSync, readdirSync, writeFileSync } from "node:fs";

const here = new URL(".", import.meta.url);
const templates = new URL("../../templates/", here);
/** Elements that scripts make themselves. */
const MADE = { id: { keys: "dialog" }, class: { unfold: "button", seen: "p", clock: "span" } };

const ids = new Map(Object.entries(MADE.id).map(([id, tag]) => [id, new Set([tag])]));
const classes = new Map(Object.entries(MADE.class).map(([name, tag]) => [name, new Set([tag])]));
const add = (map, name, tag) => map.set(name, (map.get(name) ?? new Set()).add(tag));

for (const name of readdirSync(templates).filter((each) => each.endsWith(".html") && !each.startsWith("docs"))) {
  // What askama writes into an attribute is no tag of its own.
  const markup = readFileSync(new URL(name, templates), "utf8").replace(/\{\{[^]*?\}\}|\{%[^]*?%\}|\{#[^]*?#\}/g, "{}");
  for (const [, tag, attributes] of markup.matchAll(/<([a-z][a-z0-9]*)((?:\s[^<>]*)?)>/g)) {
    const id = /\sid="([\w-]+)"/.exec(attributes)?.[1];
    if (id) add(ids, id, tag);
    for (const each of /\sclass="([^"]*)"/.exec(attributes)?.[1].split(/[^\w-]+/).filter(Boolean) ?? []) add(classes, each, tag);
  }
}

/** The first element of each template; one that a macro writes is looked for there. */
const markup = readdirSync(templates).map((name) => readFileSync(new URL(name, templates), "utf8")).join("\n");
const macros = new Map([...markup.matchAll(/\{%-? macro (\w+)\([^]*?<([a-z]+)/g)].map(([, name, tag]) => [name, tag]));
const rows = new Map([...markup.matchAll(/<template id="([\w-]+)">(?:\{\{ part::(\w+)|<([a-z]+))/g)].map(([, id, macro, tag]) => [id, new Set([tag ?? macros.get(macro)])]));

const type = (tags) => [...tags].sort().map((tag) => (["svg", "symbol", "use", "path"].includes(tag) ? "SVGElement" : `HTMLElementTagNameMap["${tag}"]`)).join(" | ");
/** Where several kinds of elements have a class, what they share is known. */
const shared = (tags) => (tags.size === 1 ? type(tags) : "HTMLElement");
const lines = (map, key, write) => [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, tags]) => `  "${key}${name}": ${write(tags)};`);
writeFileSync(new URL("elements.d.ts", here), [
  "// Written by elements.js.", "",
  "interface ElementById {", ...lines(ids, "", type), "}", "",
  "interface ElementByTemplate {", ...lines(rows, "", type), "}", "",
  "interface ElementByClass {", ...lines(classes, ".", shared), "}", "",
].join("\n"));
