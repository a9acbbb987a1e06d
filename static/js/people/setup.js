// @ts-check
// Sets up the lists of people and their menu.

import { boot } from "../state/boot.js";
import { openDirect } from "./direct.js";
import { IdleDetector } from "./idle.js";
import { Members } from "./members.js";
import { People } from "./people.js";
import { PersonMenu } from "./person-menu.js";

/** @param {App} app */
export function setupPeople(app) {
  const { room, connection } = app;
  /** @param {Named} person */
  const writeTo = (person) => openDirect([person.id], (direct) => app.openRoom.goTo(direct));
  const personMenu = new PersonMenu({ room, write: writeTo });
  const members = new Members({ menu: personMenu, loaded: () => app.readReceipts.draw() });
  const people = new People({ view: boot.room, presence: boot.presence, members, menu: personMenu });
  const idle = new IdleDetector({ connection });
  Object.assign(app, { writeTo, personMenu, members, people, idle });
}
