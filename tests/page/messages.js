{
  async "messages stand by their seqs, whatever order they come in"({ load, is }) {
    const { MessageLog } = await load("state/messages");
    const log = new MessageLog();
    for (const seq of [3, 1, 2]) log.insert({ id: seq * 10, seq });
    is([0, 1, 2].map((index) => log.at(index).id), [10, 20, 30]);
    is([10, 20, 30].map((id) => log.indexOf(log.get(id))), [0, 1, 2]);
  },

  async "a page of history brings nothing twice"({ load, is }) {
    const { MessageLog } = await load("state/messages");
    const log = new MessageLog();
    log.insert({ id: 3, seq: 3 });
    is(log.prepend([{ id: 1, seq: 1 }, { id: 2, seq: 2 }, { id: 3, seq: 3 }]), 2);
    is(log.size, 3);
    is(log.since(1).map(({ id }) => id), [2, 3]);
  },

  async "reading far back lets go of the newest, and says so"({ load, is }) {
    const { MessageLog } = await load("state/messages");
    const log = new MessageLog();
    const many = Array.from({ length: 5_100 }, (_, index) => ({ id: index + 1, seq: index + 1 }));
    log.prepend(many);
    log.trimNewest(300);
    is([log.size, log.torn, log.get(5_001) === undefined, log.get(5_000) !== undefined], [5_000, true, true, true]);
    log.clear();
    is([log.size, log.torn], [0, false]);
  },

  async "one face for what is said in one yieldToMain, on one day"({ load, is }) {
    const { follows } = await load("state/messages");
    const noon = new Date(2026, 4, 1, 12).getTime();
    const said = (id, at, more) => ({ by: { id }, at, ...more });
    const ann = said("u1", noon);
    is(follows(undefined, ann), false);
    is(follows(ann, said("u1", noon + 60_000)), true);
    is(follows(ann, said("u1", noon + 6 * 60_000)), false, "after six minutes");
    is(follows(ann, said("u2", noon + 1)), false, "another author");
    is(follows(said("u1", noon, { recalled: true }), said("u1", noon + 1)), false, "below a note");
    const midnight = new Date(2026, 4, 2).getTime();
    is(follows(said("u1", midnight - 1_000), said("u1", midnight + 1_000)), false, "over midnight");
  },
}
