// @ts-check
// The JSON API. Every failure becomes an ApiError that carries the server's code and its localized message.

import { say } from "../ui/i18n.js";
import { authorized } from "./credential.js";

const TIMEOUT_MS = 15_000;

export class ApiError extends Error {
  /** @param {string} code
   *  @param {string} message
   *  @param {number} [retryAfter] */
  constructor(code, message, retryAfter) {
    super(message);
    this.code = code;
    this.retryAfter = retryAfter;
  }

  /** Whether the server itself said this. */
  get known() {
    return this.code !== "unreachable" && this.code !== "unexpected";
  }
}

/** @param {string} path
 *  @param {HTMLElement} body */
/** @template {Method} M
 *  @template {string} P
 *  @param {M} method
 *  @param {P} path
 *  @param {object} [body]
 *  @returns {Promise<Answer<M, P>>} */
export async function call(method, path, body) {
  let answer;
  try {
    answer = await fetch(`/api/v1/${path}`, authorized({
      method,
      headers: body ? { "content-type": "application/json" } : {},
      body: body && json(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }));
  } catch {
    throw new ApiError("unreachable", say("unreachable"));
  }
  const data = await answer.json().catch(/** @returns {null} */ () => null);
  if (answer.ok) return data ?? {};
  const error = data?.error;
  throw new ApiError(error?.code ?? "unexpected", error?.message ?? say("unexpected"), error?.retry_after);
}

/** What goes to the server as JSON. Text is cut into UTF-16 by the browser, and may end within a character: such a half is U+FFFD, as it
 *  would be wherever the text becomes bytes.
 *  @param {unknown} data */
export function json(data) {
  return JSON.stringify(data, (_, value) => (typeof value === "string" ? value.toWellFormed() : value));
}
