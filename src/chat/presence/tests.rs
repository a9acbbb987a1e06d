use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::model::person::PersonKind;

mod image;

fn id(number: u8) -> PersonId {
    PersonId::Visitor(number.into())
}

fn person(number: u8) -> Arc<Person> {
    Arc::new(Person {
        id: id(number),
        kind: PersonKind::Visitor,
        bot: false,
        name: format!("n{number}"),
        avatar: String::new(),
        place: String::new(),
    })
}

const ROOM: RoomId = RoomId(7);

fn nobody(_room: RoomId) -> Audience {
    Audience {
        heard: 0,
        lookers: Vec::new(),
    }
}

proptest! {
    /// Whatever the order of coming, going and falling idle, the counts are those of a plain
    /// list of connections.
    #[test]
    fn counts_are_those_of_a_plain_list(steps in proptest::collection::vec((0u8..3, 0u8..6), 0..200)) {
        let mut presence = Presence::default();
        let mut model: Vec<(u8, ConnId, bool)> = Vec::new();
        let here = |model: &[(u8, ConnId, bool)], number: u8| {
            let of_them = || model.iter().filter(|(other, ..)| *other == number);
            match of_them().count() {
                0 => PresenceStatus::Off,
                _ if of_them().all(|(_, _, idle)| *idle) => PresenceStatus::Idle,
                _ => PresenceStatus::On,
            }
        };
        for (serial, (step, number)) in (0u64..).zip(steps) {
            let known = model.iter().position(|(other, ..)| *other == number);
            let before = here(&model, number);
            let changed = match (step, known) {
                (0, _) => {
                    let conn = ConnId::new(0, serial);
                    model.push((number, conn, false));
                    presence.join(person(number), conn)
                }
                (1, Some(at)) => {
                    let (_, conn, idle) = model.remove(at);
                    presence.leave(id(number), conn, idle)
                }
                (2, Some(at)) => {
                    model[at].2 = !model[at].2;
                    presence.idle(id(number), model[at].2)
                }
                _ => presence.leave(id(number), ConnId::new(0, 0), false),
            };
            let now = here(&model, number);
            prop_assert_eq!(changed, before != now);
            let mut distinct: Vec<u8> = model.iter().map(|(other, ..)| *other).collect();
            distinct.sort_unstable();
            distinct.dedup();
            let of_them = model.iter().filter(|(other, ..)| *other == number);
            prop_assert_eq!(presence.here(id(number)), now);
            prop_assert_eq!(presence.connections_of(id(number)).len(), of_them.count());
            prop_assert_eq!(presence.connections(), model.len());
            prop_assert_eq!(presence.people(), distinct.len());
            prop_assert_eq!(presence.headcount.people(), distinct.len());
            prop_assert_eq!(presence.list(LISTED).len(), distinct.len());
        }
    }
}

/// Two nodes; what the first tells, the second hears.
struct Two {
    one: Presence,
    other: Presence,
    boot: Uuid,
    now: Instant,
}

impl Two {
    fn new() -> Self {
        let mut two = Self {
            one: Presence::default(),
            other: Presence::default(),
            boot: Uuid::from_u128(1),
            now: Instant::now(),
        };
        two.one.tell();
        two.other.tell();
        two
    }

    /// What the second hears of the first.
    fn hear(&mut self, words: Vec<Here>) -> Changes {
        let mut all = Changes::default();
        for here in words {
            let changes = self.other.hear(self.boot, here, self.now);
            all.people.extend(changes.people);
            all.rooms.extend(changes.rooms);
            all.numbers |= changes.numbers;
            all.stale |= changes.stale;
        }
        all
    }

    fn round(&mut self) -> Changes {
        let round = self.one.round(nobody);
        self.hear(round)
    }

    /// So much later the second looks twice a second, and hears that the first lives where that is so.
    fn later(&mut self, seconds: u64, beats: bool, lives: bool) -> Changes {
        let mut all = Changes::default();
        for _ in 0..2 * seconds {
            self.now += Duration::from_millis(500);
            if beats {
                let beat = self.one.beat(false);
                self.hear(beat.into_iter().collect());
            }
            let changes = self.other.know(self.living(lives), self.now);
            all.people.extend(changes.people);
            all.numbers |= changes.numbers;
            all.stale |= changes.stale;
        }
        all
    }

    fn living(&self, lives: bool) -> Vec<Neighbour> {
        let neighbour = Neighbour {
            boot: self.boot,
            people: 40,
            connections: 50,
            silent: Duration::from_millis(100),
        };
        lives.then_some(neighbour).into_iter().collect()
    }
}

#[test]
fn who_is_at_two_nodes_is_one_person_and_moving_between_them_is_no_change() {
    let mut two = Two::new();
    two.one.join(person(1), ConnId::new(0, 1));
    assert_eq!(two.round().people, [id(1)]);
    assert_eq!(two.other.here(id(1)), PresenceStatus::On);
    assert_eq!(two.other.get(id(1)).unwrap().name, "n1");
    // They come here too: nothing that anybody would see but the number of connections.
    assert!(!two.other.join(person(1), ConnId::new(0, 2)));
    assert_eq!((two.other.people(), two.other.connections()), (1, 2));
    // Idle there, active here; then idle at both.
    two.one.idle(id(1), true);
    assert_eq!(two.round().people, []);
    assert!(two.other.idle(id(1), true));
    two.one.idle(id(1), false);
    assert_eq!(two.round().people, [id(1)]);
    two.one.leave(id(1), ConnId::new(0, 1), false);
    assert!(two.one.is_due());
    let still = two.round();
    assert_eq!((still, two.other.connections()), (Changes::default(), 2));
    assert!(two.one.is_due(), "who has gone is told a round later");
    let gone = two.round();
    assert_eq!(gone.people, [id(1)], "idle again");
    assert_eq!((two.other.people(), two.other.connections()), (1, 1));
    assert!(two.other.leave(id(1), ConnId::new(0, 2), true));
    assert_eq!((two.other.people(), two.other.list(9).len()), (0, 0));
    assert!(!two.one.is_due());
}

#[test]
fn another_name_is_a_change_and_a_word_without_a_face_is_not_taken_for_one() {
    let mut two = Two::new();
    two.one.join(person(1), ConnId::new(0, 1));
    two.round();
    two.one.set_profile(id(1), "Ada", "");
    assert_eq!(two.round().people, [id(1)]);
    assert_eq!(two.other.get(id(1)).unwrap().name, "Ada");
    assert!(
        two.other.set_profile(id(1), "Eve", ""),
        "a notice was first"
    );
    assert_eq!(two.other.list(9)[0].person.name, "Eve");
    // Somebody who falls idle whose arrival was not heard.
    two.one.join(person(2), ConnId::new(0, 2));
    let _lost = two.one.round(nobody);
    two.one.idle(id(2), true);
    assert_eq!(two.round(), Changes::default());
    assert!(two.other.wants(two.boot));
    assert_eq!(two.other.wanting(), [two.boot]);
    let everything = two.one.everything(std::iter::empty());
    assert_eq!(two.hear(everything).people.len(), 2, "and the name");
    assert!(!two.other.wants(two.boot));
    assert_eq!(two.other.here(id(2)), PresenceStatus::Idle);
}

#[test]
fn a_node_that_neither_beats_nor_is_in_the_database_is_gone_after_six_seconds() {
    let mut two = Two::new();
    two.one.join(person(1), ConnId::new(0, 1));
    two.round();
    assert_eq!(two.later(60, true, false), Changes::default(), "it beats");
    assert_eq!(two.later(5, false, false), Changes::default());
    let gone = two.later(1, false, false);
    assert_eq!((gone.people, gone.stale), (vec![id(1)], false));
    assert_eq!((two.other.people(), two.other.connections()), (0, 0));
    // It was only stopped.
    let beat = two.one.beat(false);
    two.hear(beat.into_iter().collect());
    assert!(two.other.wants(two.boot));
    let everything = two.one.everything(std::iter::empty());
    assert_eq!(two.hear(everything).people, [id(1)]);
}

#[test]
fn a_node_that_lives_and_says_nothing_is_frozen_for_a_minute_and_then_a_number() {
    let mut two = Two::new();
    two.one.join(person(1), ConnId::new(0, 1));
    two.round();
    assert_eq!(two.later(5, false, true), Changes::default());
    let frozen = two.later(1, false, true);
    assert_eq!((frozen.stale, frozen.people), (true, Vec::new()));
    assert!(two.other.is_stale());
    assert_eq!((two.other.people(), two.other.connections()), (1, 1));
    assert_eq!(two.later(59, false, true), Changes::default());
    let blind = two.later(1, false, true);
    assert_eq!((blind.people, blind.numbers), (vec![id(1)], true));
    assert!(two.other.is_stale());
    assert_eq!((two.other.people(), two.other.connections()), (40, 50));
    assert_eq!(two.other.here(id(1)), PresenceStatus::Off);
    // It speaks again, and dies then.
    let everything = two.one.everything(std::iter::empty());
    two.hear(everything);
    let back = two.later(1, true, true);
    assert!(back.stale && !two.other.is_stale());
    assert_eq!(two.other.people(), 1);
    assert!(two.later(6, false, true).stale);
    assert!(two.later(1, false, false).stale);
    assert_eq!((two.other.people(), two.other.is_stale()), (0, false));
}

#[test]
fn while_the_database_is_away_nobody_is_taken_for_dead() {
    let mut two = Two::new();
    two.one.join(person(1), ConnId::new(0, 1));
    two.round();
    for _ in 0..20 {
        two.now += Duration::from_millis(500);
        two.other.look(two.now);
    }
    assert_eq!((two.other.people(), two.other.is_stale()), (1, true));
}

#[test]
fn whoever_was_stopped_does_not_take_the_others_for_dead() {
    let mut two = Two::new();
    two.one.join(person(1), ConnId::new(0, 1));
    two.round();
    two.later(2, true, true);
    two.now += Duration::from_secs(30);
    assert_eq!(two.other.know(Vec::new(), two.now), Changes::default());
    assert_eq!(two.later(5, false, false), Changes::default());
    assert_eq!(two.later(2, false, false).people, [id(1)]);
}

#[test]
fn a_node_that_goes_down_keeps_its_people_for_as_long_as_they_take_to_another() {
    let mut two = Two::new();
    two.one.join(person(1), ConnId::new(0, 1));
    two.one.join(person(2), ConnId::new(0, 2));
    two.round();
    let beat = two.one.beat(true);
    two.hear(beat.into_iter().collect());
    for number in 1..=2 {
        let conn = ConnId::new(0, number.into());
        two.one.leave(id(number), conn, false);
    }
    assert_eq!((two.round(), two.round()), Default::default());
    assert_eq!(two.later(3, false, true), Changes::default());
    assert!(!two.other.join(person(1), ConnId::new(0, 9)), "no blink");
    let gone = two.later(2, false, false);
    assert_eq!((gone.people, gone.stale), (vec![id(2)], false));
    assert_eq!((two.other.people(), two.other.connections()), (1, 1));
}

#[test]
fn without_a_bus_other_nodes_are_numbers_once_they_beat() {
    let mut alone = Presence::default();
    alone.join(person(1), ConnId::new(0, 1));
    let two = Two::new();
    // One that died before this one started is in the database for a while.
    let changes = alone.know(two.living(true), two.now);
    assert_eq!((changes, alone.people()), (Changes::default(), 1));
    let later = two.now + Duration::from_secs(2);
    let changes = alone.know(two.living(true), later);
    assert!(changes.numbers && changes.stale, "it beats");
    assert_eq!((alone.people(), alone.connections()), (41, 51));
    assert_eq!(alone.list(LISTED).len(), 1);
    let changes = alone.know(Vec::new(), later);
    assert!(changes.numbers && changes.stale && !alone.is_stale());
    // With one they have a moment to say who is there.
    let mut listening = Presence::default();
    listening.tell();
    let changes = listening.know(two.living(true), two.now);
    assert_eq!(changes, Changes::default());
}

#[test]
fn rooms_are_heard_at_both_nodes() {
    let mut two = Two::new();
    let audience = |_room| Audience {
        heard: 3,
        lookers: vec![id(4), id(5)],
    };
    two.one.tell_room(ROOM);
    let round = two.one.round(audience);
    assert_eq!(two.hear(round).rooms, [ROOM]);
    assert_eq!(two.other.heard_elsewhere(ROOM), 3);
    assert_eq!(two.other.lookers_elsewhere(ROOM).len(), 2);
    two.one.tell_room(ROOM);
    assert_eq!(two.round().rooms, [ROOM]);
    assert_eq!(two.other.heard_elsewhere(ROOM), 0);
    assert!(two.other.lookers_elsewhere(ROOM).is_empty());
}

#[test]
fn a_bot_is_reached_and_is_nobodys_presence_here_or_elsewhere() {
    let mut two = Two::new();
    let bot = Arc::new(Person {
        bot: true,
        ..Person::clone(&person(1))
    });
    let conns = [ConnId::new(0, 1), ConnId::new(0, 2)];
    for conn in conns {
        assert!(!two.one.join(Arc::clone(&bot), conn));
    }
    assert!(!two.one.idle(id(1), true));
    assert_eq!(two.one.connections_of(id(1)), conns);
    assert!(!two.one.is_due(), "other nodes are told nothing");
    assert_eq!(two.round(), Changes::default());
    for presence in [&two.one, &two.other] {
        assert_eq!((presence.people(), presence.connections()), (0, 0));
        assert_eq!(presence.here(id(1)), PresenceStatus::Off);
        assert!(presence.get(id(1)).is_none() && presence.list(9).is_empty());
    }
    assert_eq!(two.one.headcount.people(), 0);
    assert!(!two.one.leave(id(1), conns[0], true));
    assert_eq!(two.one.connections_of(id(1)), [conns[1]]);
    assert!(!two.one.leave(id(1), conns[1], false));
    assert_eq!(two.one.connections_of(id(1)), []);
}
