// What the server told this page when it made it: me, the room, limits, words. Parsed once.

export const boot = JSON.parse(document.getElementById("boot").textContent);
