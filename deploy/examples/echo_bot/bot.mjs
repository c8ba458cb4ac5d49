/** A bot that answers whoever mentions it. Node 22 (or 20 with --experimental-websocket), and nothing to install. */

import { createPublicKey, verify } from "node:crypto";

const BASE = process.env.BASE ?? "http://localhost:8000";
const TOKEN = process.env.ABDRE_TOKEN ?? "";
const RENEW_BEFORE_S = 60;
const LONGEST_PAUSE_MS = 30_000;

/** @param {string} path */
async function ask(path, { body = undefined, access = "" } = {}) {
  const answer = await fetch(BASE + path, {
    method: body ? "POST" : "GET",
    headers: { "Content-Type": "application/json", ...(access && { Authorization: `Bearer ${access}` }) },
    body: body && JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** Whom an access token names, if one of the published keys has signed it for this house and it has not expired. */
async function verified(access) {
  const [header, claims] = access.split(".").slice(0, 2).map((part) => JSON.parse(Buffer.from(part, "base64url")));
  const { keys } = await ask("/api/auth/.well-known/jwks.json");
  const jwk = keys.find(({ kid }) => kid === header.kid);
  const [signed, signature] = [access.slice(0, access.lastIndexOf(".")), access.slice(access.lastIndexOf(".") + 1)];
  const isRight =
    header.alg === "RS256" && // never what the token itself would like
    jwk !== undefined &&
    verify("sha256", Buffer.from(signed), createPublicKey({ key: jwk, format: "jwk" }), Buffer.from(signature, "base64url"));
  if (!isRight || claims.iss !== "abdre" || claims.aud !== "abdre" || claims.exp < Date.now() / 1000) {
    throw new Error("this token is not signed by the house");
  }
  return claims;
}

async function exchanged() {
  const { access_token: access, expires_in } = await ask("/api/auth/tokens/exchange", { body: { token: TOKEN } });
  const { sub } = await verified(access);
  return { access, id: sub, renewInMs: Math.max(1, expires_in - RENEW_BEFORE_S) * 1000 };
}

/** @returns {Promise<number>} the code with which the socket closed */
async function takePart() {
  let { access, id, renewInMs } = await exchanged();
  const { username } = await ask("/api/users/me", { access });
  const mention = new RegExp(`(?<![\\w.-])@${username.replaceAll(".", "\\.")}(?![\\w-])`, "i");
  const socket = new WebSocket(`${BASE.replace("http", "ws")}/ws`, ["abdre.v1", `bearer.${access}`]);
  const say = (item) => socket.send(JSON.stringify(item));
  const timers = [];

  const answer = ({ chat, seq, sender, body }) => {
    // Two bots that answer each other would never end.
    if (sender.id === id || sender.is_bot || !mention.test(body)) return;
    const echo = body.replace(mention, "").trim() || "Yes?";
    // A retry after a lost answer would carry the same client_id, and be the same message.
    say({ type: "message.send", ref: crypto.randomUUID(), chat, client_id: crypto.randomUUID(), body: echo, reply_to: seq });
  };
  const renew = async () => {
    ({ access } = await exchanged());
    say({ type: "token.refresh", ref: "token", token: access });
  };

  return new Promise((resolve) => {
    socket.onmessage = ({ data }) => {
      for (const item of JSON.parse(data)) {
        if (item.type === "hello") {
          timers.push(setInterval(() => say({ type: "ping" }), item.heartbeat_s * 1000));
          timers.push(setInterval(() => renew().catch(() => socket.close()), renewInMs));
          console.log(`@${username} is here`);
        }
        if (item.type === "message.created") answer(item.message);
      }
    };
    socket.onclose = ({ code }) => {
      timers.forEach(clearInterval);
      resolve(code);
    };
  });
}

for (let pause = 1000; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
  const began = Date.now();
  const code = await takePart().catch((problem) => console.error(problem.message));
  // From 4500 on, coming back changes nothing: the token was revoked, or the bot deleted.
  if (code !== undefined && code >= 4500) process.exit(1);
  if (Date.now() - began > LONGEST_PAUSE_MS) pause = 1000;
  await new Promise((resolve) => setTimeout(resolve, pause * (0.5 + Math.random())));
}
