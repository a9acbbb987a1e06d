//! What of the other nodes the operator should know: who is gone, and whose settings or names do not fit.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::{Cluster, NodeDetail};
use crate::config::KEEP;
use crate::store::postgres::sweep::{GONE, NodeRow};

/// How often the same is logged.
const LOG_EVERY: Duration = Duration::from_secs(60 * 60);

/// Who was killed a moment ago and started again is in the list twice for as long, in ms.
const STARTING: u128 = GONE as u128 + 4_000;

/// What was logged.
#[derive(Debug)]
pub(super) struct Health {
    since: Instant,
    logged: Option<(Instant, Vec<String>)>,
    living: BTreeSet<Uuid>,
    gone: BTreeSet<Uuid>,
}

impl Health {
    pub(super) fn new() -> Self {
        Self {
            since: Instant::now(),
            logged: None,
            living: BTreeSet::new(),
            gone: BTreeSet::new(),
        }
    }

    /// Says who has fallen silent without a goodbye, and who speaks again.
    fn look_for_gone(&mut self, others: &[&NodeRow]) {
        let is_there = |boot: &Uuid| others.iter().any(|row| row.boot == *boot);
        self.living.retain(is_there);
        self.gone.retain(is_there);
        for NodeRow {
            boot,
            node,
            silent_ms,
            ..
        } in others
        {
            if *silent_ms < GONE {
                if self.living.insert(*boot) && self.gone.remove(boot) {
                    tracing::info!("the node {node} is back");
                }
            } else if self.living.remove(boot) {
                self.gone.insert(*boot);
                tracing::warn!(
                    "the node {node} says no more that it lives: it was killed, stands still, or does not reach the database"
                );
            }
        }
    }

    /// Says who is gone, and what does not fit, when that is new, and every hour.
    pub(super) fn look(&mut self, cluster: &Cluster, nodes: &[NodeRow]) {
        let mut found = Vec::new();
        let others = nodes.iter().filter(|row| row.boot != cluster.boot);
        let others: Vec<_> = others.collect();
        self.look_for_gone(&others);
        for row in others.into_iter().filter(|row| row.silent_ms < GONE) {
            found.extend(other_settings(cluster, row));
            if row.node == cluster.node && self.since.elapsed().as_millis() > STARTING {
                found.push(format!(
                    "another node is called {} too: give each a name of its own in [cluster] node, or lists and metrics do not tell \
                     them apart",
                    row.node
                ));
            }
        }
        let is_known =
            |(at, said): &(Instant, Vec<String>)| *said == found && at.elapsed() < LOG_EVERY;
        if self.logged.as_ref().is_some_and(is_known) {
            return;
        }
        for words in &found {
            tracing::warn!("{words}");
        }
        self.logged = Some((Instant::now(), found));
    }
}

/// How the settings of a node are others than those of this one.
fn other_settings(cluster: &Cluster, row: &NodeRow) -> Option<String> {
    let mut sections = NodeDetail::of(row).differs_from(&cluster.settings);
    let keeps_other = sections.iter().any(|section| section == KEEP);
    sections.retain(|section| section != KEEP);
    if sections.is_empty() && !keeps_other {
        return None;
    }
    let node = &row.node;
    let rests = match keeps_other {
        true => {
            ". Nothing is deleted for its age until [chat] keep_days and [uploads] keep are the same at all nodes"
        }
        false => "",
    };
    Some(match sections.is_empty() {
        true => format!(
            "the node {node} deletes what is too old after another time than this one{rests}"
        ),
        false => format!(
            "the node {node} has other settings than this one in [{}]: give all the same{rests}",
            sections.join("], [")
        ),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use uuid::Uuid;

    use super::*;

    fn settings(chat: &str, keep: &str) -> BTreeMap<String, String> {
        [("chat", chat), (KEEP, keep)]
            .map(|(name, print)| (name.to_owned(), print.to_owned()))
            .into()
    }

    fn row(silent_ms: i64, version: &str, chat: &str, keep: &str) -> NodeRow {
        let detail = NodeDetail {
            version: version.to_owned(),
            settings: settings(chat, keep),
            ..NodeDetail::default()
        };
        NodeRow {
            boot: Uuid::new_v4(),
            node: "b".to_owned(),
            since: 0,
            silent_ms,
            detail: serde_json::to_string(&detail).unwrap(),
        }
    }

    #[test]
    fn nothing_is_deleted_where_a_node_that_lives_keeps_it_for_longer() {
        let this = env!("CARGO_PKG_VERSION");
        for (other, alike, said) in [
            (row(0, this, "a", "0 days, 0s"), true, false),
            (row(0, this, "b", "0 days, 0s"), true, true),
            (row(0, this, "b", "30 days, 0s"), false, true),
            (row(GONE, this, "b", "30 days, 0s"), true, false),
            // Of another version only that is known of which both speak.
            (row(0, "0.0.1", "b", "0 days, 0s"), true, false),
            (row(0, "0.0.1", "b", "30 days, 0s"), false, true),
        ] {
            let own = settings("a", "0 days, 0s");
            let cluster = Cluster::new("a".to_owned(), Uuid::new_v4(), own);
            cluster.have_swept(vec![other.clone()], true);
            assert_eq!(cluster.keeps_alike(), alike, "{other:?}");
            let mut health = Health::new();
            health.look(&cluster, &cluster.nodes());
            let (_, found) = health.logged.unwrap();
            assert_eq!(!found.is_empty(), said, "{found:?}");
        }
        // One of before there was any of this says nothing.
        let cluster = Cluster::new("a".to_owned(), Uuid::new_v4(), settings("a", "1 days, 0s"));
        let silent = NodeRow {
            detail: "{}".to_owned(),
            ..row(0, this, "", "")
        };
        cluster.have_swept(vec![silent], true);
        assert!(cluster.keeps_alike());
    }
}
