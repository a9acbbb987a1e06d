//! The counters of the server.
//!
//! Each limit that is met has a counter here; `/metrics` shows them in the OpenMetrics text
//! format.

pub mod cluster;

use std::sync::LazyLock;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

type Labels = [(&'static str, &'static str); 1];
type ByCause = Family<Labels, Counter>;
type Level = Gauge<i64, AtomicI64>;
type LevelOf = Family<Labels, Level>;

struct Metrics {
    registry: Registry,
    events: Counter,
    rooms_deleted: Counter,
    messages_expired: Counter,
    connections: Level,
    event_polls: Level,
    refused: ByCause,
    sign_ins: ByCause,
    closed: ByCause,
    slow_readers_cut: ByCause,
    hub_overruns: Counter,
    looked: ByCause,
    look_seconds: Histogram,
    looks_waiting: Level,
    slow_requests: Counter,
    shed: ByCause,
    log_lines_lost: Counter,
    upload_bytes: Counter,
    upload_ceilings: Counter,
    files: ByCause,
    uploads: LevelOf,
    file_bytes: LevelOf,
    file_streams: Level,
    disk_free: Level,
    job_runs: ByCause,
    job_failures: ByCause,
    cluster: cluster::Metrics,
}

static METRICS: LazyLock<Metrics> = LazyLock::new(|| {
    let mut registry = Registry::with_prefix("teahouse");
    let metrics = Metrics {
        events: Counter::default(),
        rooms_deleted: Counter::default(),
        messages_expired: Counter::default(),
        connections: Gauge::default(),
        event_polls: Gauge::default(),
        refused: ByCause::default(),
        sign_ins: ByCause::default(),
        closed: ByCause::default(),
        slow_readers_cut: ByCause::default(),
        hub_overruns: Counter::default(),
        looked: ByCause::default(),
        // From 10 ms, a small picture, to 41 s, less than the longest.
        look_seconds: Histogram::new(exponential_buckets(0.01, 2.0, 13)),
        looks_waiting: Level::default(),
        slow_requests: Counter::default(),
        shed: ByCause::default(),
        log_lines_lost: Counter::default(),
        upload_bytes: Counter::default(),
        upload_ceilings: Counter::default(),
        files: ByCause::default(),
        uploads: LevelOf::default(),
        file_bytes: LevelOf::default(),
        file_streams: Level::default(),
        disk_free: Level::default(),
        job_runs: ByCause::default(),
        job_failures: ByCause::default(),
        cluster: cluster::Metrics::new(),
        registry: Registry::default(),
    };
    registry.register(
        "events",
        "Changes committed and told",
        metrics.events.clone(),
    );
    registry.register(
        "rooms_deleted",
        "Rooms deleted for good",
        metrics.rooms_deleted.clone(),
    );
    registry.register(
        "messages_expired",
        "Messages deleted because they were too old",
        metrics.messages_expired.clone(),
    );
    registry.register(
        "connections",
        "Open WebSockets",
        metrics.connections.clone(),
    );
    registry.register(
        "event_polls",
        "Calls that wait for events",
        metrics.event_polls.clone(),
    );
    registry.register(
        "refused",
        "Wishes not granted, by error code",
        metrics.refused.clone(),
    );
    registry.register(
        "sign_ins",
        "People who signed in, by what",
        metrics.sign_ins.clone(),
    );
    registry.register(
        "closed",
        "Connections that the server closed, by reason",
        metrics.closed.clone(),
    );
    registry.register(
        "slow_readers_cut",
        "Readers that stayed behind and were cut, by bound",
        metrics.slow_readers_cut.clone(),
    );
    registry.register(
        "hub_overruns",
        "Deliveries that found a hub's mailbox full",
        metrics.hub_overruns.clone(),
    );
    registry.register(
        "looked",
        "Files looked at, by what came of it",
        metrics.looked.clone(),
    );
    registry.register(
        "look_seconds",
        "How long looking at a file took, from its turn on",
        metrics.look_seconds.clone(),
    );
    registry.register(
        "looks_waiting",
        "Files that wait to be looked at",
        metrics.looks_waiting.clone(),
    );
    registry.register(
        "slow_requests",
        "Connections ended for slow heads or bodies",
        metrics.slow_requests.clone(),
    );
    registry.register(
        "shed",
        "What was left undone under overload, by kind of work",
        metrics.shed.clone(),
    );
    registry.register(
        "log_lines_lost",
        "Lines of the log that nobody took",
        metrics.log_lines_lost.clone(),
    );
    registry.register(
        "upload_bytes",
        "Bytes of files that came in",
        metrics.upload_bytes.clone(),
    );
    registry.register(
        "upload_ceilings",
        "Pages that found a proxy which lets through only short requests",
        metrics.upload_ceilings.clone(),
    );
    registry.register(
        "files",
        "Files that became ready, or were refused, expired or removed",
        metrics.files.clone(),
    );
    registry.register(
        "uploads",
        "Files that are in no message, by state",
        metrics.uploads.clone(),
    );
    registry.register(
        "file_bytes",
        "Bytes of the files of messages, by kind",
        metrics.file_bytes.clone(),
    );
    registry.register(
        "file_streams",
        "Files on their way to readers",
        metrics.file_streams.clone(),
    );
    registry.register(
        "disk_free_bytes",
        "Bytes free on the disk of the files",
        metrics.disk_free.clone(),
    );
    registry.register(
        "job_runs",
        "Runs of what the server does by itself, by job",
        metrics.job_runs.clone(),
    );
    registry.register(
        "job_failures",
        "Runs that failed, by job",
        metrics.job_failures.clone(),
    );
    metrics.cluster.register(&mut registry);
    Metrics {
        registry,
        ..metrics
    }
});

/// An event has been committed and broadcast.
pub fn event() {
    METRICS.events.inc();
}

/// A room has been deleted.
pub fn room_deleted() {
    METRICS.rooms_deleted.inc();
}

/// So many messages were deleted because they were too old.
pub fn messages_expired(number: u64) {
    METRICS.messages_expired.inc_by(number);
}

/// So many WebSockets are open.
pub fn connections(open: usize) {
    METRICS.connections.set(level(open as u64));
}

fn level(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A request was refused with this code of `error::Error`.
pub fn refused(code: &'static str) {
    METRICS.refused.get_or_create(&[("code", code)]).inc();
}

/// Somebody has signed in by this of `auth::via::Via`.
pub fn signed_in(via: &'static str) {
    METRICS.sign_ins.get_or_create(&[("via", via)]).inc();
}

/// The server closed a connection for this reason of `protocol::close::Close`.
pub fn closed(reason: &'static str) {
    METRICS.closed.get_or_create(&[("reason", reason)]).inc();
}

/// A reader that stayed behind was cut: over its `budget`, or after a `stall`.
pub fn slow_reader_cut(bound: &'static str) {
    METRICS
        .slow_readers_cut
        .get_or_create(&[("bound", bound)])
        .inc();
}

/// A hub's mailbox was full.
pub fn hub_overrun() {
    METRICS.hub_overruns.inc();
    tracing::error!("a hub's mailbox is full: its connections are cut and will resume");
}

/// A file was looked at: its kind, or why nothing is known of it.
pub fn looked(verdict: &'static str) {
    METRICS.looked.get_or_create(&[("verdict", verdict)]).inc();
}

/// Looking at a file took so long.
pub fn look_took(time: Duration) {
    METRICS.look_seconds.observe(time.as_secs_f64());
}

/// So many more files wait to be looked at, or fewer.
pub fn looks_waiting(more: i64) {
    METRICS.looks_waiting.inc_by(more);
}

/// A connection was ended because its request did not get on.
pub fn slow_request() {
    METRICS.slow_requests.inc();
}

/// Something was left out, because ChatServer was behind.
pub fn shed(work: &'static str) {
    METRICS.shed.get_or_create(&[("work", work)]).inc();
}

/// A line of the log was lost.
pub fn log_line_lost() {
    METRICS.log_lines_lost.inc();
}

/// So many bytes of a file have come in.
pub fn upload_bytes(number: u64) {
    METRICS.upload_bytes.inc_by(number);
}

/// A page says that a proxy lets through only short requests.
pub fn upload_ceiling() {
    METRICS.upload_ceilings.inc();
}

/// A file has become `ready`, or was `refused`, `expired` or `removed`.
pub fn file(end: &'static str) {
    METRICS.files.get_or_create(&[("end", end)]).inc();
}

/// So many files in this state are in no message.
pub fn uploads(state: &'static str, number: u64) {
    let uploads = METRICS.uploads.get_or_create(&[("state", state)]);
    uploads.set(level(number));
}

/// The files of this kind that messages have take so many bytes.
pub fn file_bytes(kind: &'static str, bytes: u64) {
    let taken = METRICS.file_bytes.get_or_create(&[("kind", kind)]);
    taken.set(level(bytes));
}

/// So many more files are on their way to readers, or fewer.
pub fn file_streams(more: i64) {
    METRICS.file_streams.inc_by(more);
}

/// So many calls more, or fewer, wait for events.
pub fn event_polls(more: i64) {
    METRICS.event_polls.inc_by(more);
}

/// The disk of the files has so many bytes free.
pub fn disk_free(bytes: u64) {
    METRICS.disk_free.set(level(bytes));
}

/// There is a job of this name: it is shown before its first run, and before its first failure.
pub fn job(name: &'static str) {
    let _zero = METRICS.job_runs.get_or_create(&[("job", name)]);
    let _zero = METRICS.job_failures.get_or_create(&[("job", name)]);
}

/// A job begins a run.
pub fn job_run(name: &'static str) {
    METRICS.job_runs.get_or_create(&[("job", name)]).inc();
}

/// A run of a job has failed.
pub fn job_failure(name: &'static str) {
    METRICS.job_failures.get_or_create(&[("job", name)]).inc();
}

/// All of it, as OpenMetrics text.
#[must_use]
pub fn text() -> String {
    let mut out = String::new();
    if let Err(error) = encode(&mut out, &METRICS.registry) {
        tracing::error!(%error, "metrics could not be written");
    }
    out
}
