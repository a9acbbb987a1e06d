// @ts-check
// The frame's own session: asked for once per load, kept on this site, ended before another person's begins.

const TIMEOUT_MS = 15_000;

/** What the house answers, or throws an error with its `code` and its words.
 *  @param {string} method
 *  @param {string} path
 *  @param {{ bearer?: string, body?: object, keepalive?: boolean, credentials?: RequestCredentials }} what */
export async function ask(method, path, { bearer, body, keepalive, credentials = "omit" }) {
  const answer = await fetch(path, {
    method, credentials, keepalive,
    headers: { "accept-language": document.documentElement.lang, ...(bearer && { authorization: `Bearer ${bearer}` }), ...(body && { "content-type": "application/json" }) },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const data = await answer.json().catch(/** @returns {null} */ () => null);
  if (answer.ok) return data ?? {};
  throw Object.assign(new Error(data?.error?.message ?? ""), { code: data?.error?.code ?? "unexpected", status: answer.status });
}

/** The only call that sends cookies: between sites of one domain they say who this is. Whoever has signed out here (`isOut`) is not asked.
 *  @param {object} body
 *  @param {boolean} isOut
 *  @returns {Promise<EmbedSession>} */
export function openSession(body, isOut) {
  return ask("POST", "/api/v1/embed/session", { body, credentials: isOut ? "omit" : "same-origin" });
}

/** Where the house does not answer the session ends by itself.
 *  @param {string | undefined} bearer */
export function endSession(bearer) {
  return bearer ? ask("DELETE", "/api/v1/session", { bearer, keepalive: true }).catch(() => {}) : undefined;
}

/** What waits in a room. A visitor has no read marker at the house: `since` is the event up to which this frame has seen the room.
 *  @param {{ room: number, since: string | undefined, bearer: string }} what
 *  @returns {Promise<EmbedNews>} */
export function askNews({ room, since, bearer }) {
  return ask("GET", `/api/v1/embed/news?${new URLSearchParams({ room: String(room), ...(since && { since }) })}`, { bearer });
}
