//! The members of a room of a demo, and since when they may talk there.

use super::dice::Dice;

/// Of eight rooms the first person is in seven, until they are in 200: as many as
/// `[rooms] joined` allows by default.
const MANY: usize = 200 * 8 / 7;

/// Admins of a room, without its owner.
const STAFF: usize = 2;

/// One member of a room.
#[derive(Debug, Clone, Copy)]
pub struct DemoMember {
    /// Index of the person.
    pub person: usize,
    /// Time of joining, ms since 1970.
    pub from: i64,
}

/// The members of a room; the first of them is its owner.
#[derive(Debug, Default)]
pub struct DemoMembers(Vec<DemoMember>);

impl DemoMembers {
    /// Adds a member who joins at `from` (ms since 1970).
    pub fn add(&mut self, person: usize, from: i64) {
        self.0.push(DemoMember { person, from });
    }

    /// Number of members.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// All members, the owner first.
    pub fn all(&self) -> impl Iterator<Item = &DemoMember> {
        self.0.iter()
    }

    /// The admins beside the owner, if the room is large enough to have some.
    pub fn staff(&self, owner: usize) -> Vec<usize> {
        let many = self.0.len() > 4;
        let others = self.0.iter().map(|member| member.person);
        others
            .filter(|person| *person != owner)
            .take(if many { STAFF } else { 0 })
            .collect()
    }

    /// A member who is muted and one who is banned, in some rooms: they are the last to
    /// have joined, and have never sent a message.
    pub fn troublesome(&self, number: usize) -> Option<(usize, usize)> {
        match self.silent(number) {
            [muted, banned] => Some((muted.person, banned.person)),
            _ => None,
        }
    }

    /// People who talk with each other at `at` (ms since 1970), at most three, different ones; of those that
    /// `speaks` is true for, if there are two. Some talk more than others.
    pub fn speakers(&self, at: i64, speaks: impl Fn(usize) -> bool, dice: &mut Dice) -> Vec<usize> {
        let end = self.0.len() - self.silent(0).len();
        let there = self.0.iter().take(end).filter(|member| member.from <= at);
        let (mut able, rest): (Vec<usize>, Vec<usize>) = there
            .map(|member| member.person)
            .partition(|one| speaks(*one));
        if able.len() < 2 {
            able.extend(rest);
        }
        let mut chosen = Vec::new();
        while chosen.len() < 3 && !able.is_empty() {
            let share = dice.share();
            let place = (share * share * able.len() as f64) as usize;
            chosen.push(able.remove(place.min(able.len() - 1)));
        }
        chosen
    }

    /// The last two of a large room, in every third room; in any room for number 0.
    fn silent(&self, number: usize) -> &[DemoMember] {
        let from = self.0.len().saturating_sub(2);
        if from > 6 && number.is_multiple_of(3) {
            self.0.get(from..).unwrap_or_default()
        } else {
            &[]
        }
    }
}

/// How many members each of `rooms` rooms has: `memberships` in all, or as many as look natural.
pub fn members(rooms: usize, people: usize, memberships: Option<usize>) -> Vec<usize> {
    (0..rooms)
        .map(|number| {
            let wanted = match memberships {
                Some(all) => all / rooms + usize::from(number < all % rooms),
                None => 3 + (people * (60 - (number * 7) % 45)) / 100,
            };
            wanted.clamp(1, people)
        })
        .collect()
}

/// Whether the first person is in the room of this number.
pub fn is_at_home(number: usize) -> bool {
    number < MANY && number % 8 != 7
}
