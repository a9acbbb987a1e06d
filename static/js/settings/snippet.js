// @ts-check
// What a site's owner writes to show a room: as text, and as the address of its preview. docs/site/embed.md tells of the attributes.

/** @typedef {{ room: string, inside: boolean, position: string, lang: string, theme: string, accent: string }} FrameLook */

/** The lines for a page.
 *  @param {FrameLook} look
 *  @param {string} house the server's address */
export function snippet({ room, inside, position, lang, theme, accent }, house) {
  const script = `<script src="${escaped(house)}/embed.js"`;
  if (inside) return `${script} data-bubble="off" defer></script>\n<teahouse-room${attributes({ room, lang, theme, accent })}></teahouse-room>`;
  return `${script}${attributes({ room, lang, theme, accent, position }, "data-")} defer></script>`;
}

/** Where the same is tried.
 *  @param {FrameLook} look */
export function previewPath({ inside, ...look }) {
  const given = Object.entries(look).filter(([, value]) => value);
  return `/embed/preview?${new URLSearchParams([...given, ["inside", String(inside)]])}`;
}

/** Whether pages of an origin may show rooms, as src/config/embed.rs has it.
 *  @param {string[]} hosts
 *  @param {string} origin */
export function isListed(hosts, origin) {
  return hosts.some((host) => {
    const [scheme, domain] = host.split("*.");
    if (domain === undefined) return host === origin;
    const name = origin.startsWith(scheme) ? origin.slice(scheme.length) : "";
    return name.endsWith(`.${domain}`) && name.length > domain.length + 1;
  });
}

/** The origin of an address that may be on the list; without one it can be none.
 *  @param {string} address */
export function originOf(address) {
  const url = URL.parse(address.trim());
  if (!url) return undefined;
  const own = /^(localhost|127\.0\.0\.1|\[::1\]|.+\.localhost)$/.test(url.hostname);
  return url.protocol === "https:" || (url.protocol === "http:" && own) ? url.origin : undefined;
}

/** The section of config.toml that lists another site.
 *  @param {string[]} hosts
 *  @param {string} origin */
export function configLines(hosts, origin) {
  return `[embed]\nhosts = [${[...hosts, origin].map((host) => JSON.stringify(host)).join(", ")}]`;
}

/** @param {Record<string, string>} values
 *  @param {string} [before] */
function attributes(values, before = "") {
  return Object.entries(values).filter(([, value]) => value).map(([name, value]) => ` ${before}${name}="${escaped(value)}"`).join("");
}

/** @param {string} text */
function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}
