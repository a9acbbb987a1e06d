// Node 16 or newer. The key and the address of the chat come from the environment, as `teahouse site-key` prints them.
import { createHmac, randomUUID } from "node:crypto";

const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

export function teahouseToken(userId, name, more = {}) {
  const [kid, key] = process.env.TEAHOUSE_SITE_KEY.split(":");
  const now = Math.floor(Date.now() / 1000);
  const header = { alg: "HS256", typ: "JWT", kid };
  const claims = {
    iss: "site", aud: process.env.TEAHOUSE_URL, sub: String(userId), name,
    iat: now, exp: now + 60, jti: randomUUID(), ...more,
  };
  const signed = `${part(header)}.${part(claims)}`;
  const mac = createHmac("sha256", Buffer.from(key, "base64url")).update(signed);
  return `${signed}.${mac.digest("base64url")}`;
}

console.log(teahouseToken(process.argv[2], process.argv[3]));
