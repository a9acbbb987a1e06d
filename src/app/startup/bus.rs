//! Starting the bus, and composing what the store's writer calls after its commits.

use std::sync::Arc;

use uuid::Uuid;

use crate::auth::secrets::Secrets;
use crate::chat::handle::ChatHandle;
use crate::chat::word::Teller;
use crate::cluster::Cluster;
use crate::cluster::bus::{Bus, BusThread, Parts};
use crate::cluster::nats::Server;
use crate::cluster::sweep::SweepThread;
use crate::config::Config;
use crate::store::backend::WriteResult;
use crate::store::writer::{OnCommit, OnNotice};

/// Starts the bus, if there is NATS.
pub(super) fn open(
    config: &Config,
    secrets: &Secrets,
    cluster: &Arc<Cluster>,
    id: Uuid,
    sweep_thread: &SweepThread,
    chat: &ChatHandle,
) -> anyhow::Result<(Option<BusThread>, Option<Bus>)> {
    let Some(server) = Server::of(&config.cluster, &cluster.node)? else {
        tracing::info!(
            "several nodes may share this database, and hear of each other up to half a second late: with [cluster] nats it is \
             milliseconds"
        );
        return Ok((None, None));
    };
    let (thread, bus) = BusThread::start(Parts {
        server,
        id,
        key: secrets.cluster_key(),
        cluster: Arc::clone(cluster),
        chat: chat.clone(),
        sweep: sweep_thread.wake(),
    })?;
    let teller = bus.clone();
    chat.tell_through(Teller::new(move |words| teller.say(words)));
    Ok((Some(thread), Some(bus)))
}

/// What the writer calls after a commit: other nodes hear of it first, for their way is longer.
pub(super) fn told_of_commits(chat: &ChatHandle, bus: Option<Bus>) -> (OnCommit, OnNotice) {
    let apply = chat.on_commit();
    let Some(bus) = bus else {
        return (apply, Arc::new(|| {}));
    };
    let noticed = bus.clone();
    let on_commit = move |outcomes: Vec<WriteResult>| {
        bus.committed(&outcomes);
        apply(outcomes);
    };
    (Box::new(on_commit), Arc::new(move || noticed.noticed()))
}
