//! The counters of a server that has several nodes.

use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use super::{ByCause, METRICS};

pub(super) struct Metrics {
    events: ByCause,
    holes: ByCause,
    leaps: ByCause,
    sweeps: ByCause,
    sweep_seconds: Histogram,
    hear_seconds: Histogram,
    stood_still: ByCause,
    unknown_notices: Counter,
    connected: Gauge,
    told: Counter,
    dropped: Counter,
    heard: ByCause,
    refused: ByCause,
    silent: Gauge,
    people: Gauge,
    left_out: Counter,
    presence_told: Counter,
    assets: ByCause,
}

impl Metrics {
    pub(super) fn new() -> Self {
        Self {
            events: ByCause::default(),
            holes: ByCause::default(),
            leaps: ByCause::default(),
            sweeps: ByCause::default(),
            sweep_seconds: Histogram::new(exponential_buckets(0.001, 2.0, 13)),
            hear_seconds: Histogram::new(exponential_buckets(0.001, 2.0, 13)),
            stood_still: ByCause::default(),
            unknown_notices: Counter::default(),
            connected: Gauge::default(),
            told: Counter::default(),
            dropped: Counter::default(),
            heard: ByCause::default(),
            refused: ByCause::default(),
            silent: Gauge::default(),
            people: Gauge::default(),
            left_out: Counter::default(),
            presence_told: Counter::default(),
            assets: ByCause::default(),
        }
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "cluster_events",
            "Events heard of other nodes, by what became of them",
            self.events.clone(),
        );
        registry.register(
            "cluster_holes",
            "Rooms that lacked events for a while, by what filled the hole",
            self.holes.clone(),
        );
        registry.register(
            "cluster_leaps",
            "Rooms that were read anew because too much was missing, by reason",
            self.leaps.clone(),
        );
        registry.register(
            "cluster_sweeps",
            "Sweeps of the database for what other nodes have changed, by whether they were answered",
            self.sweeps.clone(),
        );
        registry.register(
            "cluster_sweep_seconds",
            "How long a sweep takes",
            self.sweep_seconds.clone(),
        );
        registry.register(
            "cluster_hear_seconds",
            "From the commit on another node until what came over NATS is applied here, by the clock that nodes share",
            self.hear_seconds.clone(),
        );
        registry.register(
            "cluster_stood_still",
            "How often the process stood still for seconds, by whether a sweep was answered before it went on",
            self.stood_still.clone(),
        );
        registry.register(
            "cluster_unknown_notices",
            "Notices of newer programs, which this one did not understand",
            self.unknown_notices.clone(),
        );
        registry.register(
            "cluster_bus_connected",
            "Whether there is a NATS server over which nodes tell each other what they do",
            self.connected.clone(),
        );
        registry.register(
            "cluster_bus_told",
            "Envelopes that this node has given to NATS",
            self.told.clone(),
        );
        registry.register(
            "cluster_bus_dropped",
            "What was not told over NATS, because it was away or too slow",
            self.dropped.clone(),
        );
        registry.register(
            "cluster_bus_heard",
            "Envelopes of other nodes that came over NATS and were taken, by what they have in them",
            self.heard.clone(),
        );
        registry.register(
            "cluster_bus_refused",
            "What came over NATS and was not taken, by reason",
            self.refused.clone(),
        );
        registry.register(
            "cluster_silent_nodes",
            "Other nodes that live and do not say who is there",
            self.silent.clone(),
        );
        registry.register(
            "cluster_people_elsewhere",
            "People at other nodes who are known by name, each once",
            self.people.clone(),
        );
        registry.register(
            "cluster_people_left_out",
            "People at other nodes who were too many to be known by name",
            self.left_out.clone(),
        );
        registry.register(
            "cluster_presence_told",
            "How often this node has told the others everybody who is there, because one had missed something",
            self.presence_told.clone(),
        );
        registry.register(
            "cluster_assets_asked",
            "Files of the page of another version that other nodes were asked for, by what they gave",
            self.assets.clone(),
        );
    }
}

/// Whether there is a NATS server.
pub fn bus_connected(is_connected: bool) {
    METRICS.cluster.connected.set(i64::from(is_connected));
}

/// Something that another node told over NATS was applied, this long after it was committed there.
pub fn heard_after(time: Duration) {
    METRICS.cluster.hear_seconds.observe(time.as_secs_f64());
}

/// The process stood still, and has or has not been told what others did before it went on.
pub fn stood_still(is_answered: bool) {
    let swept = if is_answered { "answered" } else { "failed" };
    METRICS
        .cluster
        .stood_still
        .get_or_create(&[("sweep", swept)])
        .inc();
}

/// An envelope was given to NATS.
pub fn bus_told() {
    METRICS.cluster.told.inc();
}

/// Something was not told over NATS.
pub fn bus_dropped() {
    METRICS.cluster.dropped.inc();
}

/// An envelope came over NATS, and was taken: of `events`, a `notice`, a `word`, an `attempt` or an `asset`.
pub fn bus_heard(what: &'static str) {
    METRICS.cluster.heard.get_or_create(&[("what", what)]).inc();
}

/// Other nodes were asked for a file of the page of another version: it was `found`, there was `nothing` in time, or this
/// node was `busy` asking for others.
pub fn asset_asked(answer: &'static str) {
    let assets = &METRICS.cluster.assets;
    assets.get_or_create(&[("answer", answer)]).inc();
}

/// Something came over NATS, and was not taken.
pub fn bus_refused(why: &'static str) {
    METRICS.cluster.refused.get_or_create(&[("why", why)]).inc();
}

/// An event of another node was heard, and is `next` in its room, `old`, or `held`.
pub fn heard(passage: &'static str) {
    let events = &METRICS.cluster.events;
    events.get_or_create(&[("passage", passage)]).inc();
}

/// A hole in the events of a room was filled by what was `heard`, or from the `store`.
pub fn hole(filled: &'static str) {
    let holes = &METRICS.cluster.holes;
    holes.get_or_create(&[("filled", filled)]).inc();
}

/// A room was read anew: it was too `far` behind, or has another `epoch`.
pub fn leap(why: &'static str) {
    METRICS.cluster.leaps.get_or_create(&[("why", why)]).inc();
}

/// The database was asked what other nodes have changed: how long that took, or nothing when it did not answer.
pub fn swept(time: Option<Duration>) {
    let state = if time.is_some() { "answered" } else { "failed" };
    let sweeps = &METRICS.cluster.sweeps;
    sweeps.get_or_create(&[("state", state)]).inc();
    if let Some(time) = time {
        METRICS.cluster.sweep_seconds.observe(time.as_secs_f64());
    }
}

/// A notice was not understood.
pub fn unknown_notice() {
    METRICS.cluster.unknown_notices.inc();
}

/// So many other nodes live and do not say who is there.
pub fn silent_nodes(nodes: i64) {
    METRICS.cluster.silent.set(nodes);
}

/// So many people are at other nodes.
pub fn people_elsewhere(people: usize) {
    let people = i64::try_from(people).unwrap_or(i64::MAX);
    METRICS.cluster.people.set(people);
}

/// A person at another node was too many to be known by name.
pub fn person_left_out() {
    METRICS.cluster.left_out.inc();
}

/// The others are told everybody who is here.
pub fn presence_told() {
    METRICS.cluster.presence_told.inc();
}
