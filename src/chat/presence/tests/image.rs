//! Three nodes that tell each other over something that loses, doubles and swaps: once everything was told, each knows
//! what all do.

use super::*;

const NODES: usize = 3;

/// A face so long that everything takes several parts.
fn person_at_length(number: u8) -> Arc<Person> {
    let mut person = Person::clone(&person(number));
    person.avatar = "x".repeat(50_000);
    Arc::new(person)
}

/// One connection: who, whether they are idle, whether they look into the room.
type Conn = (u8, ConnId, bool, bool);

#[derive(Default)]
struct Node {
    presence: Presence,
    conns: Vec<Conn>,
    /// What is on its way to this node.
    coming: Vec<(Uuid, Here)>,
}

fn boot(node: usize) -> Uuid {
    Uuid::from_u128(node as u128 + 1)
}

fn audience(conns: &[Conn]) -> Audience {
    let looking = conns.iter().filter(|(.., looks)| *looks);
    let mut lookers: Vec<PersonId> = looking.map(|(number, ..)| id(*number)).collect();
    let heard = lookers.len();
    lookers.sort_unstable();
    lookers.dedup();
    Audience { heard, lookers }
}

fn tell(nodes: &mut [Node], from: usize, words: &[Here]) {
    for (at, node) in nodes.iter_mut().enumerate() {
        if at != from {
            let words = words.iter().map(|word| (boot(from), word.clone()));
            node.coming.extend(words);
        }
    }
}

fn everything(nodes: &mut [Node], from: usize) {
    let node = &mut nodes[from];
    let room = audience(&node.conns);
    let rooms = (room.heard > 0).then_some((ROOM, room));
    let words = node.presence.everything(rooms.into_iter());
    tell(nodes, from, &words);
}

/// Something happens at a node, or on the way.
fn step(nodes: &mut [Node], serial: u64, (at, what, number, place): (usize, u8, u8, usize)) {
    let now = Instant::now();
    let node = &mut nodes[at];
    let known = node.conns.iter().position(|(other, ..)| *other == number);
    let coming = place % node.coming.len().max(1);
    match (what, known) {
        (0, _) => {
            let conn = ConnId::new(0, serial);
            let looks = place % 3 == 0;
            node.conns.push((number, conn, false, looks));
            node.presence.join(person_at_length(number), conn);
            node.presence.tell_room(ROOM);
        }
        (1, Some(place)) => {
            let (_, conn, idle, _) = node.conns.remove(place);
            node.presence.leave(id(number), conn, idle);
            node.presence.tell_room(ROOM);
        }
        (2, Some(place)) => {
            let idle = &mut node.conns[place].2;
            *idle = !*idle;
            node.presence.idle(id(number), *idle);
        }
        (3, _) => {
            let room = audience(&node.conns);
            let words = node.presence.round(|_| Audience {
                lookers: room.lookers.clone(),
                ..room
            });
            tell(nodes, at, &words);
        }
        (4, _) => everything(nodes, at),
        (5, _) if !node.coming.is_empty() => _ = node.coming.remove(coming),
        (6, _) if !node.coming.is_empty() => {
            let word = node.coming[coming].clone();
            node.coming.push(word);
        }
        (7.., _) if !node.coming.is_empty() => {
            // The first is the usual one.
            let next = if what == 7 { coming } else { 0 };
            let (boot, here) = node.coming.remove(next);
            node.presence.hear(boot, here, now);
        }
        _ => {}
    }
}

proptest! {
    #[test]
    fn whatever_is_lost_everybody_knows_the_same_once_everything_was_told(
        steps in proptest::collection::vec((0..NODES, 0u8..13, 0u8..6, any::<usize>()), 0..120),
    ) {
        let now = Instant::now();
        let mut nodes: Vec<Node> = (0..NODES).map(|_| Node::default()).collect();
        for node in &mut nodes {
            node.presence.tell();
        }
        for (serial, one) in (0..).zip(steps) {
            step(&mut nodes, serial, one);
        }
        let late: Vec<Vec<_>> = nodes.iter_mut().map(|node| std::mem::take(&mut node.coming)).collect();
        for from in 0..NODES {
            everything(&mut nodes, from);
        }
        for (node, late) in nodes.iter_mut().zip(late) {
            for (boot, here) in std::mem::take(&mut node.coming).into_iter().chain(late) {
                node.presence.hear(boot, here, now);
            }
            prop_assert!(node.presence.wanting().is_empty());
        }
        let all: Vec<Conn> = nodes.iter().flat_map(|node| node.conns.clone()).collect();
        for node in &nodes {
            let presence = &node.presence;
            let mut people = 0;
            for number in 0..6 {
                let of_them = || all.iter().filter(|(other, ..)| *other == number);
                let here = match of_them().count() {
                    0 => PresenceStatus::Off,
                    _ if of_them().all(|(_, _, idle, _)| *idle) => PresenceStatus::Idle,
                    _ => PresenceStatus::On,
                };
                people += usize::from(here != PresenceStatus::Off);
                prop_assert_eq!(presence.here(id(number)), here);
                let look = presence.get(id(number)).map(|person| person.avatar.len());
                prop_assert_eq!(look, (here != PresenceStatus::Off).then_some(50_000));
            }
            prop_assert_eq!(presence.people(), people);
            prop_assert_eq!(presence.list(LISTED).len(), people);
            prop_assert_eq!(presence.connections(), all.len());
            let own = audience(&node.conns);
            prop_assert_eq!(own.heard + presence.heard_elsewhere(ROOM), audience(&all).heard);
            let mut lookers = presence.lookers_elsewhere(ROOM);
            lookers.extend(own.lookers);
            prop_assert_eq!(lookers, audience(&all).lookers.into_iter().collect());
        }
    }
}
