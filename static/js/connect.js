// @ts-check
// The window in which somebody lets the frame of another site be them (embed/connect-window.js): signs in, asks, and gives the frame a code.

import { ask } from "./embed/session.js";

const { host, challenge, strings } = JSON.parse(document.getElementById("connect").textContent);
const signIn = document.getElementById("connect-sign-in");
const agree = document.getElementById("connect-agree");
const question = document.getElementById("connect-question");

signIn.addEventListener("submit", (event) => {
  event.preventDefault();
  busy(signIn, document.getElementById("connect-problem"), async () => {
    const values = Object.fromEntries(new FormData(signIn));
    const { me } = await ask("POST", "/api/v1/session", { body: values, credentials: "same-origin" });
    question.textContent = strings.use_as.replace("{site}", new URL(host).host).replace("{name}", me.name);
    signIn.hidden = true;
    agree.hidden = false;
    document.getElementById("connect-yes").focus();
  });
});

agree.addEventListener("submit", (event) => {
  event.preventDefault();
  busy(agree, document.getElementById("connect-failed"), async () => {
    const { code } = await ask("POST", "/api/v1/embed/grant", { body: { host, challenge }, credentials: "same-origin" });
    // Only a frame of our own origin hears it, whoever opened this window.
    opener?.postMessage({ teahouse: 1, code }, location.origin);
    close();
  });
});

document.getElementById("connect-no").onclick = () => close();

/** @param {HTMLFormElement} form
 *  @param {HTMLElement} problem
 *  @param {() => Promise<void>} act */
async function busy(form, problem, act) {
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  problem.textContent = "";
  try {
    await act();
  } catch (error) {
    problem.textContent = error.message || strings.unreachable;
  }
  form.ariaBusy = "false";
}
