// The JSON API. Every failure becomes an ApiError that carries the server's code and its localized message.

import { json } from "./json.js";
import { say } from "../ui/i18n.js";

const TIMEOUT_MS = 15_000;

export class ApiError extends Error {
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

export async function call(method, path, body) {
  let answer;
  try {
    answer = await fetch(`/api/v1/${path}`, {
      method,
      headers: body ? { "content-type": "application/json" } : {},
      body: body && json(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch {
    throw new ApiError("unreachable", say("unreachable"));
  }
  const data = await answer.json().catch(() => null);
  if (answer.ok) return data ?? {};
  const error = data?.error;
  throw new ApiError(error?.code ?? "unexpected", error?.message ?? say("unexpected"), error?.retry_after);
}
