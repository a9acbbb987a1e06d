//! How soon a device is disconnected that was signed out from another one, on a full server.

use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::Value;
use tokio::time::{sleep, timeout};

use super::crowd::Crowd;
use super::deliveries::Deliveries;
use super::faults::Faults;
use super::http::change;
use super::line::Line;
use super::measure::{SETTLE, kind};
use super::options::{Options, Protocol};
use super::people::{people, register, sign_in};
use super::report::Report;
use super::said::Says;
use super::target::Target;

/// A device that is still connected after this time counts as never disconnected.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs one round.
///
/// # Errors
/// When the server cannot be started, refuses somebody, or leaves a device connected.
pub async fn round(options: &Options, count: usize) -> anyhow::Result<(Report, Faults)> {
    if options.url.is_some() && options.other.is_empty() {
        bail!(
            "sign-out registers an account: on a server of the tool's own, without --url, or on a node that is made for it, with --other"
        );
    }
    let target = Target::of(options)?;
    // Devices are at another node than the one that signs them out.
    let other = options.other.first();
    let other = other.map(|url| Target::at(url, None)).transpose()?;
    let at = other.as_ref().unwrap_or(&target).address;
    let devices = options.messages();
    let deliveries = Rc::new(Deliveries::new(Says::Words(kind(Protocol::Feed)), 0)?);
    let (crowd, _) = Crowd::enter(&target, Protocol::Feed, 0..count, &deliveries).await?;
    let owner = register(&target, people(&target, count..count + 1).await?).await?;
    let owner = owner.first().context("nobody was registered")?;
    sleep(SETTLE).await;
    let mut times = Vec::new();
    for device in people(&target, count + 1..count + 1 + devices).await? {
        let device = sign_in(&target, &device, 0).await?;
        let mut line = Line::open(at, &device, Protocol::Feed).await?;
        line.send(r#"{"type":10,"data":{"v":1}}"#).await?;
        line.expect(11).await?;
        let began = Instant::now();
        let asked = change(target.address, owner, "DELETE", "me/devices", &Value::Null);
        let ended = timeout(PATIENCE, async { while line.next().await.is_ok() {} });
        let (asked, ended) = tokio::join!(asked, async { ended.await.map(|()| began.elapsed()) });
        asked?;
        times.push(ended.context("a device that was signed out keeps its line")?);
    }
    crowd.leave().await;
    times.sort_unstable();
    let ms = |time: Option<&Duration>| time.map(|time| time.as_secs_f64() * 1e3);
    let mut report = Report::default();
    report.maybe(
        "p50_ms",
        ms(times.get(times.len() / 2)),
        "ms",
        "from asking to the end of the line, half of the devices",
    );
    let last_but_one_in_100 = times.len().saturating_sub(1 + times.len() / 100);
    report.maybe(
        "p99_ms",
        ms(times.get(last_but_one_in_100)),
        "ms",
        "99 of 100",
    );
    report.maybe("max_ms", ms(times.last()), "ms", "the longest");
    Ok((report, deliveries.faults()))
}
