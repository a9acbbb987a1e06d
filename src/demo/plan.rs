//! What happens in a demo, and when: planned as a whole, in order, before anything is written.
//!
//! Bounded by the size that is asked for: some 200 bytes a message.

mod conversations;

use std::collections::HashSet;

use super::dice::Dice;
use super::exhibits::Exhibit;
use super::members::{self, DemoMembers};
use super::people::Somebody;
use super::phrases::{Phrases, Subject};
use super::rhythm::{DAY, HOUR, MINUTE};
use super::rooms::{Habit, Sketch};
use super::{SPAN, Size};
use crate::model::membership::RoomRole;
use crate::model::room::RoomKind;
use crate::text::catalog::Lang;

/// The most direct rooms.
const PAIRS: usize = 200;

/// Slow mode of a slow room, in seconds.
const SLOW: u32 = 30;

/// One event of a demo.
#[derive(Debug, PartialEq, Eq)]
pub struct Step {
    /// Time, ms since 1970.
    pub at: i64,
    /// Index of the room in [`Plan::rooms`].
    pub room: usize,
    /// The action.
    pub act: Act,
}

/// An action. People are given by their index.
#[derive(Debug, PartialEq, Eq)]
pub enum Act {
    /// The room is made by its owner.
    Make,
    /// A person joins.
    Join(usize),
    /// The owner gives a person another room role.
    Stand(usize, RoomRole),
    /// The owner makes an invitation: number of uses, and hours until it expires.
    Invite(Option<i64>, Option<i64>),
    /// The owner archives the room.
    Archive,
    /// The owner sets slow mode, in seconds.
    Slow(u32),
    /// A person sends a message: number of the line, person, body.
    Say(usize, usize, String),
    /// The same with files.
    Show(usize, usize, String, Exhibit),
    /// The author edits a message: number of the line, person, new body.
    Edit(usize, usize, String),
    /// The author recalls a message: number of the line, person.
    Recall(usize, usize),
}

/// A room, and who is in it from when on.
#[derive(Debug)]
pub struct Room {
    /// Its name and settings; `None` for the lobby and direct rooms.
    pub sketch: Option<Sketch>,
    /// Index of its owner among the people.
    pub owner: usize,
    /// The people of a direct room without its maker.
    pub company: Vec<usize>,
    /// The members who may talk, and since when.
    pub members: DemoMembers,
    /// What is talked about.
    subject: Subject,
    lang: Option<Lang>,
    until: i64,
}

impl Room {
    /// The language of most of its messages, where it has one.
    pub fn lang(&self) -> Option<Lang> {
        self.lang
    }

    /// Whether it is a direct room.
    pub fn is_direct(&self) -> bool {
        !self.company.is_empty()
    }
}

/// The whole plan of a demo.
#[derive(Debug)]
pub struct Plan {
    /// The rooms; the first is the lobby.
    pub rooms: Vec<Room>,
    /// What happens, in order of time.
    pub steps: Vec<Step>,
}

struct Planner<'a> {
    people: &'a [Somebody],
    phrases: Phrases,
    dice: Dice,
    from: i64,
    now: i64,
    lines: usize,
    steps: Vec<Step>,
}

/// Plans a demo that ends at `now` (ms since 1970).
pub fn draw(size: &Size, people: &[Somebody], sketches: Vec<Sketch>, dice: Dice, now: i64) -> Plan {
    let mut planner = Planner {
        people,
        phrases: Phrases::read(),
        dice,
        from: now - SPAN,
        now,
        lines: 0,
        steps: Vec::with_capacity(size.messages + size.messages / 16),
    };
    let mut rooms = vec![planner.lobby()];
    let members = members::members(sketches.len(), people.len(), size.memberships);
    for (number, (sketch, wanted)) in sketches.into_iter().zip(members).enumerate() {
        let room = planner.room(number, sketch, wanted);
        planner.found(rooms.len(), size.rooms, &room);
        rooms.push(room);
    }
    let mut met = HashSet::new();
    for number in 0..planner.pairs(size) {
        let room = planner.direct(number);
        let mut company = room.company.clone();
        company.push(room.owner);
        company.sort_unstable();
        if !met.insert(company) {
            continue;
        }
        let made = planner.from + planner.dice.between(0, HOUR);
        planner.step(made, rooms.len(), Act::Make);
        rooms.push(room);
    }
    let weights: Vec<f64> = rooms.iter().enumerate().map(weight).collect();
    let total: f64 = weights.iter().sum();
    let (mut before, mut talked) = (0.0, 0);
    for (number, (room, weight)) in rooms.iter().zip(weights).enumerate() {
        before += weight;
        let so_far = (before / total * size.messages as f64).round() as usize;
        planner.talk(number, room, so_far.min(size.messages) - talked);
        talked = so_far.min(size.messages);
    }
    let mut steps = planner.steps;
    steps.sort_by_key(|step| step.at);
    Plan { rooms, steps }
}

/// A room's share of all messages, relative to the others.
fn weight((number, room): (usize, &Room)) -> f64 {
    let rank = 1.0 / (1.0 + number as f64 * 0.12);
    match &room.sketch {
        None if number == 0 => 2.5,
        None => 0.12,
        Some(sketch) => match (sketch.habit, sketch.kind) {
            (Habit::Announcements, _) => 0.02,
            (Habit::Archived | Habit::Slow, _) => 0.4 * rank,
            (Habit::Usual, RoomKind::Private) => 0.6 * rank,
            (Habit::Usual, _) => rank,
        },
    }
}

impl Planner<'_> {
    fn step(&mut self, at: i64, room: usize, act: Act) {
        self.steps.push(Step { at, room, act });
    }

    fn lobby(&self) -> Room {
        let mut members = DemoMembers::default();
        for person in 0..self.people.len() {
            members.add(person, self.from);
        }
        Room {
            sketch: None,
            owner: 0,
            company: Vec::new(),
            members,
            subject: Subject::Lobby,
            lang: None,
            until: self.now,
        }
    }

    /// A room with its owner and `wanted` members in all.
    fn room(&mut self, number: usize, sketch: Sketch, wanted: usize) -> Room {
        let owner = match sketch.habit {
            Habit::Announcements => 0,
            _ => self.dice.below(self.people.len()),
        };
        let mut chosen = vec![owner];
        // One person is in nearly every room, so that somebody has a long list.
        if members::is_at_home(number) && owner != 0 && wanted > 1 {
            chosen.push(0);
        }
        let mut tries = wanted * 20;
        while chosen.len() < wanted && tries > 0 {
            tries -= 1;
            let one = self.dice.below(self.people.len());
            let speaks = self
                .people
                .get(one)
                .is_some_and(|one| one.lang == sketch.lang);
            if !chosen.contains(&one) && (speaks || self.dice.chance(0.35)) {
                chosen.push(one);
            }
        }
        let until = match sketch.habit {
            Habit::Archived => self.now - 20 * DAY,
            _ => self.now,
        };
        let mut members = DemoMembers::default();
        for (place, one) in chosen.into_iter().enumerate() {
            let late = place > 2 && self.dice.chance(0.15);
            let at = if late {
                self.dice.between(self.from, until - 8 * DAY)
            } else {
                self.from
            };
            members.add(one, at);
        }
        Room {
            owner,
            company: Vec::new(),
            members,
            subject: sketch.subject,
            lang: Some(sketch.lang),
            until,
            sketch: Some(sketch),
        }
    }

    /// The steps that make a room, and what its owner does in it.
    fn found(&mut self, number: usize, of: usize, room: &Room) {
        let Some(sketch) = &room.sketch else { return };
        let share = number as f64 / of.max(1) as f64;
        let made = self.from - DAY + (share * (6 * HOUR) as f64) as i64;
        self.step(made, number, Act::Make);
        if sketch.kind == RoomKind::Private {
            self.step(made + 1, number, Act::Invite(None, None));
        }
        let others = room
            .members
            .all()
            .filter(|member| member.person != room.owner);
        let between = 10 * HOUR / i64::try_from(room.members.len()).unwrap_or(1).max(1);
        for (place, member) in (1_i64..).zip(others) {
            let early = made + MINUTE + between * place;
            let at = if member.from > self.from {
                member.from - 1
            } else {
                early
            };
            self.step(at, number, Act::Join(member.person));
        }
        for staff in room.members.staff(room.owner) {
            let room_role = Act::Stand(staff, RoomRole::Admin);
            self.step(self.from - MINUTE, number, room_role);
        }
        match sketch.habit {
            Habit::Archived => {
                self.step(room.until, number, Act::Archive);
                return;
            }
            // Slow mode comes at the end: until then nobody was slowed.
            Habit::Slow => self.step(room.until, number, Act::Slow(SLOW)),
            _ => {}
        }
        if let Some((muted, banned)) = room.members.troublesome(number) {
            let room_role = Act::Stand(muted, RoomRole::Muted);
            self.step(self.now - 5 * DAY, number, room_role);
            let room_role = Act::Stand(banned, RoomRole::Banned);
            self.step(self.now - 3 * DAY, number, room_role);
        }
        if sketch.kind == RoomKind::Private {
            let few = Act::Invite(Some(10), Some(14 * 24));
            self.step(self.now - DAY, number, few);
        }
    }

    fn pairs(&self, size: &Size) -> usize {
        (size.rooms / 2).min(self.people.len()).min(PAIRS)
    }

    fn direct(&mut self, number: usize) -> Room {
        // Whoever is in nearly every room has friends, too.
        let owner = if number.is_multiple_of(3) {
            0
        } else {
            self.dice.below(self.people.len())
        };
        let count = if self.dice.chance(0.15) { 2 } else { 1 };
        let mut company = Vec::new();
        while company.len() < count.min(self.people.len() - 1) {
            let other = self.dice.below(self.people.len());
            if other != owner && !company.contains(&other) {
                company.push(other);
            }
        }
        let mut members = DemoMembers::default();
        for person in std::iter::once(owner).chain(company.iter().copied()) {
            members.add(person, self.from + HOUR);
        }
        Room {
            sketch: None,
            owner,
            company,
            members,
            subject: Subject::Direct,
            lang: self.people.get(owner).map(|owner| owner.lang),
            until: self.now,
        }
    }
}
