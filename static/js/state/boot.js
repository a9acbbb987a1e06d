// @ts-check
// What the server told this page when it made it: me, the rooms, limits, words. Parsed once.

export const boot = JSON.parse(document.getElementById("boot").textContent);
