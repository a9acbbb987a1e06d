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

/** The only call that sends cookies: between sites of one domain they say who this is.
 *  @param {object} body
 *  @returns {Promise<EmbedSession>} */
export function openSession(body) {
  return ask("POST", "/api/v1/embed/session", { body, credentials: "same-origin" });
}

/** Where the house does not answer the session ends by itself.
 *  @param {string | undefined} bearer */
export function endSession(bearer) {
  return bearer ? ask("DELETE", "/api/v1/session", { bearer, keepalive: true }).catch(() => {}) : undefined;
}

/** What came into a room since event `since`. For accounts the house knows it; for visitors it is counted here.
 *  @param {{ room: number, since: number | undefined, me: string, bearer: string }} what
 *  @returns {Promise<EmbedNews>} */
export async function askNews({ room, since, me, bearer }) {
  const news = await ask("GET", `/api/v1/embed/news?room=${room}`, { bearer });
  if (!me.startsWith("v") || since === undefined || news.head <= since) return news;
  /** @type {Page} */
  const { messages } = await ask("GET", `/api/v1/rooms/${room}/messages?since=${since}`, { bearer });
  return { ...news, unread: messages.filter(({ seq, by, recalled }) => seq > since && by.id !== me && !recalled).length };
}
