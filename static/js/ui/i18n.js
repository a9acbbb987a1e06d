// @ts-check
// The page's words in its language. "one|many" is chosen by the number n; {name} and the like are filled in.

import { boot } from "../state/boot.js";

/** The tables behind them are large: they are made when they are first asked for. */
/** @type {Intl.PluralRules | undefined} */
let plural;
/** @type {Intl.NumberFormat | undefined} */
let numbers;

/** @param {string} key
 *  @param {Record<string, string | number | undefined>} [values] */
export function say(key, values = {}) {
  const forms = (boot.strings[key] ?? key).split("|");
  const text = forms.length > 1 && countsAsOne(Number(values.n ?? 1)) ? forms[0] : forms.at(-1);
  return text.replace(/\{(\w+)\}/g, (/** @type {string} */ whole, /** @type {string} */ name) => {
    const value = values[name];
    return value === undefined ? whole : typeof value === "number" ? number(value) : value;
  });
}

/** @param {number} n */
function countsAsOne(n) {
  plural ??= new Intl.PluralRules(boot.lang);
  return plural.select(n) === "one";
}

/** @param {number} n */
function number(n) {
  numbers ??= new Intl.NumberFormat(boot.lang);
  return numbers.format(n);
}

/** People in one line, as the language parts them.
 *  @param {Named[]} people */
export function names(people) {
  return people.map(personName).join(say("between"));
}

/** What stands for the words of a message that has a file and none: "[picture]".
 *  @param {string | undefined} kind */
export function fileWord(kind) {
  return kind ? say(`kind_${kind}`) : "";
}

/** What the server calls an address that is nowhere. */
const PRIVATE = "内网IP";

/** A person's name; whoever has deleted their account has none.
 *  @param {{ name?: string }} what */
export function personName({ name }) {
  return name === "" ? say("nobody") : name;
}

/** What stands beside a person's name: that they are a bot, or where they are.
 *  @param {{ bot?: boolean, place?: string }} what */
export function besideName({ bot, place }) {
  return bot ? say("bot") : placeName(place);
}

/** A place as its reader knows it.
 *  @param {string | undefined} place */
export function placeName(place) {
  return place === PRIVATE ? say("private_network") : boot.places?.[place] ?? place;
}
