//! What is said in the rooms of a demo, by whom and when.

use super::{Act, Planner, Room};
use crate::demo::phrases::{Blanks, Subject};
use crate::demo::rhythm::{self, HOUR, MINUTE};
use crate::text::catalog::Lang;
use crate::text::cut;

impl Planner<'_> {
    /// Plans `count` messages in a room.
    pub(super) fn talk(&mut self, number: usize, room: &Room, count: usize) {
        let mut left = count;
        while left > 0 {
            let lang = match room.lang {
                Some(lang) if room.subject != Subject::News => lang,
                _ if self.dice.chance(0.5) => Lang::Zh,
                _ => Lang::En,
            };
            let from = self.from + 2 * HOUR;
            let at = rhythm::moment(lang, from, room.until - HOUR, &mut self.dice);
            left = left.saturating_sub(self.converse(number, room, lang, at, left).max(1));
        }
    }

    /// Plans one conversation of at most `most` messages; gives how many it had.
    fn converse(&mut self, number: usize, room: &Room, lang: Lang, at: i64, most: usize) -> usize {
        let staff_only = room.subject == Subject::News;
        let speaks = |person: usize| self.people.get(person).is_some_and(|one| one.lang == lang);
        let speakers = if staff_only {
            vec![room.owner]
        } else {
            room.members.speakers(at, speaks, &mut self.dice)
        };
        let names: Vec<&str> = speakers
            .iter()
            .filter_map(|one| self.people.get(*one))
            .map(|one| one.name.as_str())
            .collect();
        let blanks = Blanks::draw(lang, &names, &mut self.dice);
        let mut said = Vec::new();
        let mut before = None;
        for (speaker, words) in self.phrases.talk(room.subject, lang, &mut self.dice) {
            let who = speakers.get(*speaker).or(speakers.first());
            let who = who.copied().unwrap_or(room.owner);
            let mut words = blanks.fill(words);
            let answers = before.filter(|other: &usize| *other != who && !room.is_direct());
            if let Some(other) = answers.and_then(|other| self.people.get(other))
                && self.dice.chance(0.06)
            {
                words = format!("@{} {words}", other.name);
            }
            said.push((who, words));
            // The first line of a conversation gets no remark.
            let nods = before.replace(who).is_some() && !staff_only;
            if nods && self.dice.chance(0.14) {
                let who = self.dice.pick(&speakers).copied();
                let aside = self.phrases.aside(lang, &mut self.dice);
                said.push((who.unwrap_or(room.owner), aside.to_owned()));
            }
        }
        said.truncate(most);
        let mut at = at;
        let count = said.len();
        for (who, words) in said {
            // A conversation may not last longer than the room, or than until now.
            at = self.say(number, who, words, at.min(room.until - 2 * MINUTE));
        }
        count
    }

    /// Plans a message, and its author's edit or recall; gives the time of the next one, ms since 1970.
    fn say(&mut self, room: usize, who: usize, words: String, at: i64) -> i64 {
        let line = self.lines;
        self.lines += 1;
        let next = at + rhythm::pause(&mut self.dice);
        let mended = next.min(at + MINUTE);
        let chars = words.chars().count();
        match self.dice.below(100) {
            0 if chars > 12 => {
                let hasty = cut::to(&words, chars * 2 / 3);
                self.step(at, room, Act::Say(line, who, hasty.trim().to_owned()));
                self.step(mended, room, Act::Edit(line, who, words));
                next + rhythm::pause(&mut self.dice)
            }
            1 if self.dice.chance(0.6) => {
                self.step(at, room, Act::Say(line, who, words));
                self.step(mended, room, Act::Recall(line, who));
                next + rhythm::pause(&mut self.dice)
            }
            _ => {
                self.step(at, room, Act::Say(line, who, words));
                next
            }
        }
    }
}
