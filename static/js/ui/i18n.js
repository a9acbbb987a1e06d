// The page's words in its language. "one|many" is chosen by the number n; {name} and the like are filled in.

import { boot } from "../state/boot.js";

/** The tables behind them are large: they are made when they are first asked for. */
let plural;
let numbers;

export function say(key, values = {}) {
  const forms = (boot.strings[key] ?? key).split("|");
  const text = forms.length > 1 && countsAsOne(values.n ?? 1) ? forms[0] : forms.at(-1);
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    return value === undefined ? whole : typeof value === "number" ? number(value) : value;
  });
}

function countsAsOne(n) {
  plural ??= new Intl.PluralRules(boot.lang);
  return plural.select(n) === "one";
}

function number(n) {
  numbers ??= new Intl.NumberFormat(boot.lang);
  return numbers.format(n);
}

/** People in one line, as the language parts them. */
export function names(people) {
  return people.map(personName).join(say("between"));
}

/** What the server calls an address that is nowhere. */
const PRIVATE = "内网IP";

/** A person's name; whoever has deleted his account has none. */
export function personName({ name }) {
  return name === "" ? say("nobody") : name;
}

/** A place as its reader knows it. */
export function placeName(place) {
  return place === PRIVATE ? say("private_network") : boot.places?.[place] ?? place;
}
