//! The body of a request that brings bytes of an upload.

use std::rc::Rc;

use actix_web::error::PayloadError;
use actix_web::http::ConnectionType;
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};

use super::client::Client;
use super::errors::refusal;
use super::tus;
use crate::error::Error;
use crate::files::incoming::{Piece, PieceError};
use crate::realtime::socket::RawSocket;
use crate::store::files::{FileRow, find};
use crate::web::state::AppState;

/// Bytes after which a sender has shown that the request goes on: the reaper gives it 30 s more.
const PROGRESS: usize = 16 * 1024;

/// Bytes of a refused request that are read before it is answered: browsers hide an answer that comes
/// with a reset.
pub(super) const DRAIN: usize = 16 << 20;

/// The body of a request, which may be long: it is no slow request while its bytes come.
pub(super) struct Body {
    payload: web::Payload,
    connection: Option<Rc<RawSocket>>,
    since: usize,
    /// Set when there is no more to read.
    ended: bool,
    /// Set when the rest is not to be read.
    is_left: bool,
}

impl Body {
    pub(super) fn new(request: &HttpRequest, payload: web::Payload) -> Self {
        Self {
            payload,
            connection: request.conn_data::<Rc<RawSocket>>().cloned(),
            since: 0,
            ended: false,
            is_left: false,
        }
    }

    /// The next bytes; `None` at the end, and when the connection is lost.
    async fn next(&mut self) -> Option<Bytes> {
        if self.ended {
            return None;
        }
        let Some(Ok(bytes)) = self.payload.next().await else {
            self.ended = true;
            return None;
        };
        self.since += bytes.len();
        if self.since >= PROGRESS {
            self.since = 0;
            if let Some(connection) = &self.connection {
                connection.goes_on();
            }
        }
        Some(bytes)
    }

    /// Its bytes, for what takes a body apart: an error past `most` of them.
    pub(super) fn into_stream(
        self,
        most: u64,
    ) -> impl Stream<Item = Result<Bytes, PayloadError>> + use<> {
        stream::unfold((self, most), |(mut body, left)| async move {
            let bytes = body.next().await?;
            Some(match left.checked_sub(bytes.len() as u64) {
                Some(left) => (Ok(bytes), (body, left)),
                None => {
                    body.ended = true;
                    (Err(PayloadError::Overflow), (body, 0))
                }
            })
        })
        .fuse()
    }

    /// Takes the next bytes of `upload`; returns the upload as it is then.
    ///
    /// The error comes with the offset to go on at.
    pub(super) async fn receive(
        &mut self,
        state: &AppState,
        upload: &FileRow,
    ) -> Result<FileRow, PieceError> {
        let piece = state.files.incoming.begin(upload, upload.got).await?;
        let taken = self.feed(state, &piece, upload).await;
        let offset = piece.finish().await?;
        let taken = taken.map_err(|error| PieceError::at(error, offset))?;
        if offset < upload.got + taken {
            // Another piece has ended this one when all of its bytes had come, and not all were written.
            return Err(PieceError::at(self.leave(state), offset));
        }
        let id = upload.id;
        let now = state.store.read(move |db| find(db, id)).await;
        let now = now.map_err(|error| PieceError::at(error.into(), offset))?;
        Ok(now.ok_or(Error::NotFound)?)
    }

    /// Gives a piece the bytes that its upload lacks; returns how many that were.
    async fn feed(
        &mut self,
        state: &AppState,
        piece: &Piece,
        upload: &FileRow,
    ) -> Result<u64, Error> {
        let pace = state.files.pace.of_one();
        let lacks = upload.size - upload.got;
        let mut left = lacks;
        let mut is_overlong = false;
        loop {
            piece.has_room().await;
            let bytes = tokio::select! {
                () = piece.ended() => return Err(self.leave(state)),
                bytes = self.next() => bytes,
            };
            let Some(bytes) = bytes else { break };
            let length = bytes.len() as u64;
            is_overlong |= length > left;
            left = left.saturating_sub(length);
            pace.pass(bytes.len()).await;
            if piece.write(bytes).await.is_err() {
                return Err(self.leave(state));
            }
        }
        match is_overlong {
            true => Err(Error::FileTooBig { limit: upload.size }),
            false => Ok(lacks - left),
        }
    }

    /// Nobody waits for what a connection may still send whose piece was ended.
    fn leave(&mut self, state: &AppState) -> Error {
        self.is_left = true;
        match state.shutdown.is_open() {
            true => Error::Busy,
            false => Error::Restarting,
        }
    }

    /// Reads what can be read, then says no.
    pub(super) async fn refuse(&mut self, client: &Client, refusal: PieceError) -> HttpResponse {
        let answer = refused(client, &refusal);
        self.drain(answer, DRAIN).await
    }

    /// Reads what can be read, but no more than about `most` bytes, before an answer that needs none of it.
    pub(super) async fn drain(&mut self, mut answer: HttpResponse, most: usize) -> HttpResponse {
        let mut drained = 0;
        while !self.is_left
            && drained < most
            && let Some(bytes) = self.next().await
        {
            drained += bytes.len();
        }
        if !self.ended {
            // What is left of the body cannot be told from the next request.
            answer.head_mut().set_connection_type(ConnectionType::Close);
        }
        answer
    }
}

/// A refusal that a client of tus understands.
pub(super) fn refused(client: &Client, refused: &PieceError) -> HttpResponse {
    let mut answer = refusal(&refused.error, client.lang());
    tus::mark_refusal(answer.headers_mut(), refused.offset);
    answer
}
