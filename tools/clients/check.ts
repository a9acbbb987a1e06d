// Makes one call of each subject of the API with the client that is generated from its description, and prints what came of it.

import createClient from "openapi-fetch";
import type { paths } from "./generated/api.js";

function env(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

const by = (headers: Record<string, string>) => createClient<paths>({ baseUrl: env("TEAHOUSE_URL"), headers });
const token = by({ Authorization: `Bearer ${env("TEAHOUSE_TOKEN")}` });
const house = by({ Authorization: `Bearer ${env("TEAHOUSE_HOUSE_TOKEN")}` });
const browser = by({ Cookie: env("TEAHOUSE_COOKIE") });

/** What was answered; a refusal ends the program. */
function granted<T>(answer: { data?: T; error?: unknown }): T {
  if (answer.data === undefined) throw new Error(JSON.stringify(answer.error));
  return answer.data;
}

const room = { path: { room: Number(env("ROOM")) } };
const said = await token.POST("/api/v1/rooms/{room}/messages", {
  params: { ...room, header: { "Idempotency-Key": "typescript" } },
  body: { content: "Tea?" },
});
const refused = await token.POST("/api/v1/rooms/{room}/messages", { params: room, body: { content: " " } });

console.log(
  JSON.stringify({
    account: granted(await token.GET("/api/v1/me")).me.name,
    rooms: granted(await token.GET("/api/v1/rooms")).rooms.map((one) => one.name),
    messages: granted(said).message.content,
    files: granted(await token.GET("/api/v1/uploads")).uploads.length,
    people: granted(await token.GET("/api/v1/people", { params: { query: { q: "ada" } } })).people.map((one) => one.name),
    server: granted(await browser.GET("/api/v1/nodes")).nodes.length,
    bots: granted(await house.GET("/api/v1/bots")).bots.length,
    hooks: granted(await browser.GET("/api/v1/hooks", { params: { query: room.path } })).hooks.length,
    invitations: granted(await token.GET("/api/v1/rooms/{room}/invitations", { params: room })).invitations.length,
    house: granted(await house.GET("/api/v1/house/online")).people,
    refused: refused.error?.error.code,
  }),
);
