use super::*;
use proptest::prelude::*;

const ROOM: RoomId = RoomId(7);

/// A room of which `said` events are in the store, as one node applies them.
struct Node {
    gate: Resequencer<i64, i64>,
    epoch: &'static str,
    head: Seq,
    /// The newest event in the store.
    said: i64,
    applied: Vec<i64>,
    /// Up to which seq the room was read anew, each time.
    leaps: Vec<i64>,
    acked: Vec<i64>,
    reads: Vec<Read>,
    now: Instant,
}

impl Node {
    fn new(said: i64) -> Self {
        Self {
            gate: Resequencer::default(),
            epoch: "e",
            head: Seq(0),
            said,
            applied: Vec::new(),
            leaps: Vec::new(),
            acked: Vec::new(),
            reads: Vec::new(),
            now: Instant::now(),
        }
    }

    fn here(&self) -> Here<'static> {
        Here {
            room: ROOM,
            known: Some((self.epoch, self.head)),
        }
    }

    fn apply(&mut self, event: i64) {
        assert_eq!(Seq(event), self.head.next(), "in order, each once");
        self.applied.push(event);
        self.head = Seq(event);
    }

    fn offer(&mut self, event: i64, bytes: usize) -> Passage<i64> {
        let passage = self
            .gate
            .offer(self.here(), self.epoch, Seq(event), event, bytes, self.now);
        if let Passage::Next(event) = passage {
            self.apply(event);
            self.settle();
        }
        self.bounded();
        passage
    }

    fn settle(&mut self) {
        while let Some(event) = self.gate.next(self.here()) {
            self.apply(event);
        }
        let acks = self.gate.settle(self.here(), self.now);
        assert!(
            acks.iter().all(|ack| Seq(*ack) <= self.head),
            "the event comes first"
        );
        self.acked.extend(acks);
    }

    /// An own event, and the ack that hangs on it.
    fn own(&mut self, event: i64) {
        match self.offer(event, 1) {
            Passage::Next(_) | Passage::Old => self.acked.push(event),
            Passage::Held => {
                let held = self.gate.hold(self.here(), Seq(event), event, self.now);
                held.unwrap();
            }
        }
    }

    /// Time passes, and what is to be read is read.
    fn read(&mut self) {
        self.now += PATIENCE;
        for read in self.gate.due(self.now) {
            self.reads.push(read);
            let brought = match read {
                Read::Hole(_, after, to) => {
                    assert!(after < to && to.0 - after.0 <= AHEAD as i64);
                    for event in after.0 + 1..=to.0.min(self.said) {
                        self.offer(event, 1);
                    }
                    Brought::Events(to)
                }
                Read::Room(_) => {
                    if self.said > self.head.0 {
                        self.head = Seq(self.said);
                        self.leaps.push(self.said);
                    }
                    Brought::Room
                }
            };
            self.gate.have_read(self.here(), brought, self.now);
            self.settle();
        }
    }

    fn bounded(&self) {
        let behind = self.gate.rooms.values();
        let bytes: usize = behind.clone().map(|behind| behind.bytes).sum();
        assert_eq!(bytes, self.gate.bytes);
        for behind in behind {
            let waiting = behind.waiting.values().map(|(_, bytes)| bytes);
            assert_eq!(waiting.sum::<usize>(), behind.bytes);
            assert!(behind.bytes <= ROOM_BYTES && behind.waiting.len() <= AHEAD);
        }
    }
}

proptest! {
    /// Events come in any order, some twice, some never; what is missing is read sooner or later. All are applied
    /// in order, each once, but for those of a room that was read anew.
    #[test]
    fn whatever_the_order_each_event_passes_once(
        said in 1..700_i64,
        heard in proptest::collection::vec((0..700_i64, any::<bool>(), 0..4_u8), 0..400),
        bytes in prop_oneof![Just(1_usize), Just(5_000), Just(ROOM_BYTES)],
    ) {
        let mut node = Node::new(said);
        let mut own = std::collections::BTreeSet::new();
        for (event, is_own, reading) in heard {
            let event = event % said + 1;
            if is_own && own.insert(event) {
                node.own(event);
            } else {
                node.offer(event, bytes);
            }
            if reading == 0 {
                node.read();
            }
        }
        // The newest of all is heard of, by an event or by the next look at the store.
        node.gate.exists(node.here(), "e", Seq(said), node.now);
        for _ in 0..10 {
            node.read();
        }
        prop_assert!(node.gate.is_empty());
        prop_assert_eq!((node.gate.bytes, node.gate.acks, node.gate.reads), (0, 0, 0));
        prop_assert_eq!(node.head, Seq(said));
        node.acked.sort_unstable();
        prop_assert_eq!(node.acked, own.into_iter().collect::<Vec<_>>());
        let missed = node.leaps.len();
        prop_assert!(missed > 0 || node.applied == (1..=said).collect::<Vec<_>>());
    }

    /// As long as no more is missing than may be, nothing is read anew, and nobody is sent a fresh page.
    #[test]
    fn a_shuffled_and_doubled_stream_without_losses_reads_nothing(
        order in Just((1..=200_i64).chain(1..=200).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let mut node = Node::new(200);
        for event in order {
            node.offer(event, 1);
        }
        prop_assert!(node.gate.is_empty() && node.reads.is_empty() && node.leaps.is_empty());
        prop_assert_eq!(node.applied, (1..=200).collect::<Vec<_>>());
    }
}

#[test]
fn a_room_in_order_keeps_nothing() {
    let mut node = Node::new(3);
    for event in 1..=3 {
        assert_eq!(node.offer(event, 1), Passage::Next(event));
        assert!(node.gate.is_empty());
        assert_eq!(node.gate.rooms.capacity(), 0, "nothing was allocated");
    }
    assert_eq!(node.offer(2, 1), Passage::Old);
}

#[test]
fn a_hole_is_read_when_its_time_has_come_and_as_a_whole() {
    let mut node = Node::new(9);
    for event in [1, 3, 5, 6] {
        node.offer(event, 1);
    }
    assert_eq!(node.gate.due(node.now), [], "it may be late");
    assert_eq!(node.gate.wake(), Some(node.now + PATIENCE));
    node.read();
    assert_eq!(node.reads, [Read::Hole(ROOM, Seq(1), Seq(4))]);
    assert_eq!(node.applied, [1, 2, 3, 4, 5, 6]);
    assert!(node.gate.is_empty());
}

#[test]
fn an_ack_waits_for_its_event_and_that_for_those_before_it() {
    let mut node = Node::new(3);
    node.own(3);
    node.own(2);
    assert!(node.acked.is_empty());
    node.offer(1, 1);
    assert_eq!((&node.applied[..], node.acked.len()), (&[1, 2, 3][..], 2));
}

#[test]
fn a_room_that_is_too_far_behind_is_read_anew_once() {
    let mut node = Node::new(1_000);
    for event in [AHEAD as i64 + 1, 500, 501] {
        node.offer(event, 1);
    }
    node.read();
    assert_eq!(node.reads, [Read::Room(ROOM)]);
    assert_eq!(
        (&node.leaps[..], node.gate.is_empty()),
        (&[1_000][..], true)
    );
    let mut node = Node::new(2);
    node.offer(2, ROOM_BYTES + 1);
    node.read();
    assert_eq!(node.leaps, [2], "more than may wait");
}

#[test]
fn a_room_that_has_come_near_while_it_was_read_anew_lacks_a_hole_only() {
    let mut node = Node::new(360);
    node.offer(350, 1);
    assert_eq!(node.gate.due(node.now), [Read::Room(ROOM)]);
    assert!(!node.gate.has_come_near(node.here(), Seq(360)));
    for event in 1..=340 {
        node.offer(event, 1);
    }
    assert!(node.gate.has_come_near(node.here(), Seq(360)));
    node.gate.exists(node.here(), "e", Seq(360), node.now);
    node.gate.have_read(node.here(), Brought::Room, node.now);
    node.settle();
    node.read();
    assert_eq!(node.reads, [Read::Hole(ROOM, Seq(340), Seq(360))]);
    assert_eq!((&node.leaps[..], node.head), (&[][..], Seq(360)));
    assert!(node.gate.is_empty());
    // What has to be read anew for another reason is.
    let mut node = Node::new(2);
    node.offer(2, ROOM_BYTES + 1);
    assert_eq!(node.gate.due(node.now), [Read::Room(ROOM)]);
    assert!(!node.gate.has_come_near(node.here(), Seq(2)));
}

#[test]
fn what_the_store_has_not_any_more_is_not_asked_for_for_ever() {
    let mut node = Node::new(3);
    node.offer(9, 1);
    for _ in 0..5 {
        node.read();
    }
    assert!(node.gate.is_empty());
    assert_eq!(node.reads[0], Read::Hole(ROOM, Seq(0), Seq(8)));
    assert_eq!(node.reads[1..], [Read::Room(ROOM)]);
    assert_eq!(node.head, Seq(3));
}

#[test]
fn a_failed_read_is_done_again_later() {
    let mut node = Node::new(2);
    node.offer(2, 1);
    let later = node.now + PATIENCE;
    assert_eq!(node.gate.due(later), [Read::Hole(ROOM, Seq(0), Seq(1))]);
    assert_eq!(node.gate.due(later), [], "it is being read");
    node.gate.have_read(node.here(), Brought::Nothing, later);
    node.settle();
    assert_eq!(node.gate.due(later), []);
    assert_eq!(node.gate.wake(), Some(later + RETRY));
}

#[test]
fn only_so_many_rooms_are_read_at_a_time() {
    let mut gate: Resequencer<(), ()> = Resequencer::default();
    let now = Instant::now();
    let here = |room| Here {
        room: RoomId(room),
        known: Some(("e", Seq(0))),
    };
    for room in 0..20 {
        assert_eq!(
            gate.offer(here(room), "e", Seq(2), (), 1, now),
            Passage::Held
        );
    }
    let later = now + PATIENCE;
    assert_eq!(gate.due(later).len(), READS);
    assert_eq!((gate.due(later).len(), gate.wake()), (0, None));
    assert_eq!(
        gate.offer(here(0), "e", Seq(1), (), 1, now),
        Passage::Next(())
    );
    let here = Here {
        known: Some(("e", Seq(1))),
        ..here(0)
    };
    assert_eq!(gate.next(here), Some(()));
    let here = Here {
        known: Some(("e", Seq(2))),
        ..here
    };
    gate.have_read(here, Brought::Events(Seq(1)), later);
    gate.settle(here, later);
    assert_eq!(gate.due(later).len(), 1);
}

#[test]
fn an_unknown_room_and_another_epoch_are_read_at_once() {
    let mut gate: Resequencer<i64, i64> = Resequencer::default();
    let now = Instant::now();
    let unknown = Here {
        room: ROOM,
        known: None,
    };
    assert_eq!(gate.offer(unknown, "new", Seq(5), 5, 1, now), Passage::Held);
    assert_eq!(gate.hold(unknown, Seq(4), 4, now), Ok(()));
    assert_eq!(gate.due(now), [Read::Room(ROOM)]);
    // What comes while it is read waits: it may not be in what is read.
    assert_eq!(gate.offer(unknown, "new", Seq(6), 6, 1, now), Passage::Held);
    let read = Here {
        room: ROOM,
        known: Some(("new", Seq(5))),
    };
    gate.have_read(read, Brought::Room, now);
    assert_eq!(gate.next(read), Some(6));
    let read = Here {
        room: ROOM,
        known: Some(("new", Seq(6))),
    };
    assert_eq!(gate.settle(read, now), [4]);
    assert!(gate.is_empty());

    assert_eq!(gate.offer(read, "newer", Seq(2), 2, 1, now), Passage::Held);
    assert_eq!(gate.offer(read, "new", Seq(7), 7, 1, now), Passage::Next(7));
    let read = Here {
        room: ROOM,
        known: Some(("new", Seq(7))),
    };
    assert_eq!(gate.offer(read, "new", Seq(9), 9, 1, now), Passage::Held);
    assert_eq!(gate.due(now), [Read::Room(ROOM)]);
    let renewed = Here {
        room: ROOM,
        known: Some(("newer", Seq(2))),
    };
    gate.have_read(renewed, Brought::Room, now);
    assert_eq!(gate.next(renewed), None, "nothing of the old numbering");
    gate.settle(renewed, now);
    assert!(gate.is_empty());
}

#[test]
fn an_epoch_that_has_passed_changes_nothing() {
    let mut node = Node::new(2);
    node.epoch = "old";
    node.offer(1, 1);
    node.offer(2, 1);
    let stale = node
        .gate
        .offer(node.here(), "older", Seq(99), 99, 1, node.now);
    assert_eq!(stale, Passage::Held);
    node.read();
    assert!(node.gate.is_empty() && node.leaps.is_empty());
    assert_eq!(node.head, Seq(2));
}
