// @ts-check
// Where the page stands: at the browser's address, or, in the frame of another site, in a history of the frame's own
// (embed/history.js), which that site's Back button does not go through.

export const path = () => history.path ?? location.pathname;
