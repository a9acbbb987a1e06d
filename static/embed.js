// The room in a page of another site. See docs/site/embed.md.
"use strict";
