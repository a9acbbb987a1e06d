{
  async "who is here may be old, says the page, as long as the server says so, in another room too"({ load, is }) {
    const [{ People }, { boot }] = await Promise.all([load("people/people"), load("state/boot")]);
    const members = { enter() {}, present() {}, load() {}, get() {} };
    const people = new People({ view: boot.room, presence: boot.presence, members, menu: { offer() {} } });
    const pill = document.getElementById("online");
    const said = () => [
      pill.getAttribute("aria-label"),
      getComputedStyle(pill.querySelector("b"), "::before").content.includes("≈"),
      document.getElementById("people-stale").checkVisibility({ visibilityProperty: true }),
    ];
    const fresh = { people: 3, connections: 4, who: [] };
    people.show({ ...fresh, stale: true });
    is(said(), ["About 3 online. Who is here may be out of date.", true, true]);
    people.enter(boot.room);
    is(said(), ["About 0 online. Who is here may be out of date.", true, true]);
    people.show(fresh);
    is(said(), ["3 online", false, false]);
    people.enter(boot.room);
    is(said(), ["0 online", false, false]);
    people.show(boot.presence);
  },
}
