//! What is counted of a room's messages for those who have not read them: how many were recalled,
//! and which of them mention whom.
//!
//! The store gives it at the start, committed events keep it true after that; nothing else counts.
//! Bounds: 8 bytes for every recalled message of the server and some 40 for one that mentions
//! everybody; of the others those that somebody has not read.

use std::collections::HashMap;

use crate::model::mention::Mentions;
use crate::model::person_id::PersonId;
use crate::model::seq::Seq;

/// The tally of one room.
#[derive(Debug, Default)]
pub struct Tally {
    /// Seqs of messages that were recalled, ascending.
    recalled: Vec<Seq>,
    /// Messages that mention everybody, ascending: seq and author.
    to_all: Vec<(Seq, PersonId)>,
    /// Seqs of the messages that mention a person, ascending; those that they have read may be left out.
    mentions_of: HashMap<PersonId, Vec<Seq>>,
    revision: u64,
}

impl Tally {
    /// A message that was sent under `seq` mentions these.
    pub fn said(&mut self, seq: Seq, author: PersonId, mentions: &Mentions) {
        if mentions.all {
            insert(&mut self.to_all, (seq, author.to_owned()));
        }
        for id in mentions.people.iter().copied().filter(|id| *id != author) {
            insert(self.mentions_of.entry(id).or_default(), seq);
        }
    }

    /// The message of `seq` mentions none but these any more. Returns whether it mentioned others before.
    pub fn edited(&mut self, seq: Seq, mentions: &Mentions) -> bool {
        self.revision += 1;
        let mut fewer = false;
        if !mentions.all {
            let before = self.to_all.len();
            self.to_all.retain(|(of, _)| *of != seq);
            fewer = self.to_all.len() < before;
        }
        self.mentions_of.retain(|id, seqs| {
            if !mentions.people.contains(id)
                && let Ok(place) = seqs.binary_search(&seq)
            {
                seqs.remove(place);
                fewer = true;
            }
            !seqs.is_empty()
        });
        fewer
    }

    /// The message of `seq` was recalled.
    pub fn recalled(&mut self, seq: Seq) {
        self.edited(seq, &Mentions::default());
        insert(&mut self.recalled, seq);
    }

    /// The messages up to `seq` are gone: nobody will count them again.
    pub fn expired(&mut self, seq: Seq) {
        self.revision += 1;
        let recalled = self.recalled.partition_point(|of| *of <= seq);
        self.recalled.drain(..recalled);
        let to_all = self.to_all.partition_point(|(of, _)| *of <= seq);
        self.to_all.drain(..to_all);
        self.mentions_of.retain(|_, seqs| {
            seqs.retain(|of| *of > seq);
            !seqs.is_empty()
        });
    }

    /// Person `id` has read up to `seq`.
    pub fn read(&mut self, id: PersonId, seq: Seq) {
        if let Some(seqs) = self.mentions_of.get_mut(&id) {
            seqs.retain(|of| *of > seq);
            if seqs.is_empty() {
                self.mentions_of.remove(&id);
            }
        }
    }

    /// The messages of `seqs`, ascending, mention person `id`, beside those that are known to.
    pub fn set_mentions(&mut self, id: PersonId, seqs: Vec<Seq>) {
        if seqs.is_empty() {
            return;
        }
        let known = self.mentions_of.entry(id.to_owned()).or_default();
        for seq in seqs {
            insert(known, seq);
        }
    }

    /// Person `id` is not in the room any more.
    pub fn remove_person(&mut self, id: PersonId) {
        self.mentions_of.remove(&id);
    }

    /// How many of the messages after `seq` were recalled.
    #[must_use]
    pub fn recalled_after(&self, seq: Seq) -> i64 {
        let read = self.recalled.partition_point(|of| *of <= seq);
        count(self.recalled.len() - read)
    }

    /// How many of the messages after `seq` mention person `id`.
    #[must_use]
    pub fn mentions_after(&self, id: PersonId, seq: Seq) -> i64 {
        let own = self
            .mentions_of
            .get(&id)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let unread = own.len() - own.partition_point(|of| *of <= seq);
        let read = self.to_all.partition_point(|(of, _)| *of <= seq);
        let to_all = self.to_all.iter().skip(read);
        let others = to_all.filter(|(of, author)| *author != id && own.binary_search(of).is_err());
        count(unread + others.count())
    }

    /// Grows whenever a message mentions fewer than it did: what was read from the store before may say
    /// too much.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }
}

/// Inserts a value that is mostly the greatest into its sorted place, once.
fn insert<T: Ord>(sorted: &mut Vec<T>, one: T) {
    if let Err(place) = sorted.binary_search(&one) {
        sorted.insert(place, one);
    }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, Clone)]
    enum Act {
        Say(Vec<usize>, bool),
        Edit(usize, Vec<usize>, bool),
        Recall(usize),
        Read(usize, usize),
        Back(usize, usize),
    }

    fn acts() -> impl Strategy<Value = Vec<Act>> {
        let people = || proptest::collection::vec(0..3_usize, 0..3);
        let act = prop_oneof![
            4 => (people(), proptest::bool::weighted(0.2)).prop_map(|(who, all)| Act::Say(who, all)),
            2 => (any::<usize>(), people(), any::<bool>()).prop_map(|(which, who, all)| Act::Edit(which, who, all)),
            2 => any::<usize>().prop_map(Act::Recall),
            2 => (0..3_usize, any::<usize>()).prop_map(|(who, to)| Act::Read(who, to)),
            1 => (0..3_usize, any::<usize>()).prop_map(|(who, to)| Act::Back(who, to)),
        ];
        proptest::collection::vec(act, 0..60)
    }

    fn name(who: usize) -> PersonId {
        PersonId::User(who as i64)
    }

    proptest! {
        /// The model keeps every message and counts them one by one.
        #[test]
        fn it_counts_what_is_there(acts in acts()) {
            let mut tally = Tally::default();
            let mut said: Vec<Option<Mentions>> = Vec::new();
            let mut read_markers = [0_i64; 3];
            let mentions_of = |said: &[Option<Mentions>], who: usize, read_marker: i64| -> Vec<i64> {
                let of = |mentions: &Mentions| mentions.is_for(name(who));
                let after = (1..).zip(said).filter(|(seq, _)| *seq > read_marker);
                after.filter(|(_, one)| one.as_ref().is_some_and(of)).map(|(seq, _)| seq).collect()
            };
            for act in acts {
                match act {
                    Act::Say(who, all) => {
                        let people = who.into_iter().map(name).collect();
                        let mentions = Mentions { all, people };
                        said.push(Some(mentions.clone()));
                        tally.said(Seq(said.len() as i64), PersonId::Nobody, &mentions);
                    }
                    Act::Edit(which, who, all) if !said.is_empty() => {
                        let place = which % said.len();
                        if let Some(before) = said[place].take() {
                            let people = who.into_iter().map(name).collect();
                            let now = Mentions { all, people }.still(&before);
                            tally.edited(Seq(place as i64 + 1), &now);
                            said[place] = Some(now);
                        }
                    }
                    Act::Recall(which) if !said.is_empty() => {
                        let place = which % said.len();
                        said[place] = None;
                        tally.recalled(Seq(place as i64 + 1));
                    }
                    Act::Read(who, to) => {
                        let to = (to % (said.len() + 1)) as i64;
                        if to > read_markers[who] {
                            read_markers[who] = to;
                            tally.read(name(who), Seq(to));
                        }
                    }
                    Act::Back(who, to) => {
                        let to = (to % (said.len() + 1)) as i64;
                        if to < read_markers[who] {
                            read_markers[who] = to;
                            let of_store = mentions_of(&said, who, to).into_iter();
                            let named = |seq: &i64| {
                                let mentions = said[*seq as usize - 1].as_ref().unwrap();
                                mentions.people.contains(&name(who))
                            };
                            tally.set_mentions(name(who), of_store.filter(named).map(Seq).collect());
                        }
                    }
                    Act::Edit(..) | Act::Recall(_) => {}
                }
                for (who, read_marker) in read_markers.into_iter().enumerate() {
                    let expected = mentions_of(&said, who, read_marker).len() as i64;
                    prop_assert_eq!(tally.mentions_after(name(who), Seq(read_marker)), expected);
                    let gone = said.iter().skip(read_marker as usize).filter(|one| one.is_none()).count();
                    prop_assert_eq!(tally.recalled_after(Seq(read_marker)), gone as i64);
                }
            }
        }
    }

    #[test]
    fn nobody_calls_themselves() {
        let mut tally = Tally::default();
        let people = vec![PersonId::User(1), PersonId::User(2)];
        tally.said(Seq(1), PersonId::User(1), &Mentions { all: false, people });
        let all = Mentions {
            all: true,
            people: Vec::new(),
        };
        tally.said(Seq(2), PersonId::User(1), &all);
        assert_eq!(
            (
                tally.mentions_after(PersonId::User(1), Seq(0)),
                tally.mentions_after(PersonId::User(2), Seq(0))
            ),
            (0, 2)
        );
    }
}
