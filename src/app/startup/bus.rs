//! Starting the bus, and composing what the store's writer calls after its commits.

use std::sync::Arc;

use uuid::Uuid;

use crate::auth::secrets::Secrets;
use crate::auth::throttle::Throttle;
use crate::chat::handle::ChatHandle;
use crate::chat::word::Teller;
use crate::cluster::Cluster;
use crate::cluster::bus::asking::Answerer;
use crate::cluster::bus::{Bus, BusThread, Parts};
use crate::cluster::nats::Server;
use crate::cluster::sweep::SweepThread;
use crate::config::Config;
use crate::store::backend::WriteResult;
use crate::store::writer::{OnCommit, OnNotice};
use crate::web::assets;

/// What of this node has to do with others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Here<'a> {
    pub(super) cluster: &'a Arc<Cluster>,
    pub(super) sweep_thread: &'a SweepThread,
    pub(super) chat: &'a ChatHandle,
    pub(super) throttle: &'a Arc<Throttle>,
}

/// Starts the bus, if there is NATS.
pub(super) fn open(
    config: &Config,
    secrets: &Secrets,
    id: Uuid,
    here: &Here<'_>,
) -> anyhow::Result<(Option<BusThread>, Option<Bus>)> {
    let Here {
        cluster,
        sweep_thread,
        chat,
        throttle,
    } = *here;
    let Some(server) = Server::of(&config.cluster, &cluster.node)? else {
        tracing::info!(
            "several nodes may share this database, and hear of each other up to 0.6 s late: with [cluster] nats it is \
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
        throttle: Arc::clone(throttle),
        answerer: Answerer::new(assets::told),
    })?;
    let teller = bus.clone();
    throttle.tell_through(move |attempt| teller.tried(attempt));
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
