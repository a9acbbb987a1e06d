//! Asking other nodes for something that this one has not: a file of the page of another version.
//!
//! The question is an [envelope](crate::cluster::envelope). The answer is bytes with a keyed hash of them and of where they are sent,
//! which is a place of this question's own: it answers nothing else. Bounds: [`PATIENCE`], the longest envelope
//! ([`MAX`]), [`ANSWERING`] answers that are made at a time.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_nats::{Client, HeaderMap, Message, Subject};
use futures_util::StreamExt;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::Bus;
use crate::cluster::envelope::{Content, Envelopes, HEADER, MAX, Sealed, Wanted};
use crate::text::clock;

/// How long an answer is waited for: others answer within milliseconds, or have nothing to say.
const PATIENCE: Duration = Duration::from_millis(300);

/// Answers that are made at a time. Who asks more gets none, and does without.
const ANSWERING: usize = 8;

impl Bus {
    /// Asks the other nodes, and gives the first answer that `take` makes something of; `None` when there is none in time.
    pub async fn ask<T>(
        &self,
        wanted: &Wanted,
        mut take: impl FnMut(&[u8]) -> Option<T>,
    ) -> Option<T> {
        let client = self.connected()?;
        let place = client.new_inbox();
        let mut told = client.subscribe(place.clone()).await.ok()?;
        let question = Content::Asset(wanted.clone());
        let subject = format!("{}{}", self.prefix, question.subject());
        let Sealed { json, mac } = self.envelopes.seal(question, clock::now_ms(), MAX)?;
        let asked = client.publish_with_reply_and_headers(subject, place.clone(), with(mac), json);
        asked.await.ok()?;
        let answered = async {
            while let Some(message) = told.next().await {
                let mac = mac_of(&message);
                if self.envelopes.has_signed(&place, mac, &message.payload)
                    && let Some(taken) = take(&message.payload)
                {
                    return Some(taken);
                }
            }
            None
        };
        timeout(PATIENCE, answered).await.ok().flatten()
    }
}

/// What another node is told that wants a file, if there is something to say.
type Answer = dyn Fn(&Wanted) -> Option<Vec<u8>> + Send + Sync;

/// Who answers other nodes.
#[derive(Clone)]
pub struct Answerer {
    answer: Arc<Answer>,
    answering: Arc<Semaphore>,
}

impl Answerer {
    /// By this function, on a thread that may block. What it gives is public.
    pub fn new(answer: impl Fn(&Wanted) -> Option<Vec<u8>> + Send + Sync + 'static) -> Self {
        Self {
            answer: Arc::new(answer),
            answering: Arc::new(Semaphore::new(ANSWERING)),
        }
    }

    /// Answers, if there is something to say, without waiting for that.
    pub(super) fn answer(
        &self,
        wanted: Wanted,
        place: Subject,
        client: Client,
        envelopes: Arc<Envelopes>,
    ) {
        let Ok(one) = Arc::clone(&self.answering).try_acquire_owned() else {
            return;
        };
        let answer = Arc::clone(&self.answer);
        tokio::spawn(async move {
            let made = tokio::task::spawn_blocking(move || answer(&wanted)).await;
            if let Ok(Some(bytes)) = made
                && bytes.len() <= MAX
            {
                let mac = envelopes.sign(&place, &bytes);
                // Who does not get it does without.
                let _gone = client
                    .publish_with_headers(place, with(mac), bytes.into())
                    .await;
            }
            drop(one);
        });
    }
}

impl fmt::Debug for Answerer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Answerer")
    }
}

/// The headers with a keyed hash.
pub(super) fn with(mac: String) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(HEADER, mac);
    headers
}

/// The keyed hash that comes with a message.
pub(super) fn mac_of(message: &Message) -> Option<&str> {
    let headers = message.headers.as_ref()?;
    headers.get(HEADER).map(async_nats::HeaderValue::as_str)
}
