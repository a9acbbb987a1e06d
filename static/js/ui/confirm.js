// Asks before what cannot be taken back.

import { Sheet } from "./sheet.js";
import { say } from "./i18n.js";

let answer;
let sheet;

/** Resolves to whether the person said yes. What `hurts` has the other answer under Enter. */
export function confirm({ title, text, yes, no = say("cancel"), hurts = false }) {
  sheet ??= new Sheet("confirm-dialog", () => answer(false));
  sheet.find("h2").textContent = title;
  sheet.find(".text").textContent = text;
  const button = sheet.find(".primary");
  button.textContent = yes;
  button.classList.toggle("hurts", hurts);
  sheet.find(".cancel").textContent = no;
  return new Promise((resolve) => {
    answer = resolve;
    button.onclick = () => {
      resolve(true);
      sheet.close();
    };
    sheet.open();
    // The harmless answer is the one under Enter.
    sheet.find(hurts ? ".cancel" : ".primary").focus();
  });
}
