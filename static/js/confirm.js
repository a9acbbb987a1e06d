// Asks before what cannot be taken back.

import { Sheet } from "./sheet.js";

let answer;
let sheet;

/** Resolves to whether the person said yes. */
export function confirm({ title, text, yes, hurts = false }) {
  sheet ??= new Sheet("confirm-dialog", () => answer(false));
  sheet.find("h2").textContent = title;
  sheet.find(".text").textContent = text;
  const button = sheet.find(".primary");
  button.textContent = yes;
  button.classList.toggle("hurts", hurts);
  return new Promise((resolve) => {
    answer = resolve;
    button.onclick = () => {
      resolve(true);
      sheet.close();
    };
    sheet.open();
    // The harmless answer is the one under Enter.
    sheet.find(".cancel").focus();
  });
}
