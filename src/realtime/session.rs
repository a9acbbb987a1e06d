//! One WebSocket: an actor that lives as long as its connection.
//!
//! Reads frames, keeps the heartbeat, renders new messages, and sends typed messages to ChatServer;
//! what goes out goes through its [`ClientWriter`]. It knows nothing of rooms. Bounds: [`MAX_FRAME`]
//! bytes a message over all of its fragments, [`MAX_FRAGMENTS`] of them, [`PINGS_PER_SECOND`],
//! [`HISTORIES_PER_SECOND`], [`OPENS_PER_SECOND`], and the frame budget of [`Settings`]. Clean-up is in
//! `stopped`, whatever ended it.

use std::rc::Rc;
use std::time::Instant;

use actix::prelude::{Actor, ActorContext, AsyncContext, Context, StreamHandler};
use actix_http::ws::{CloseReason, Frame, Item};

use crate::chat::handle::ChatHandle;
use crate::chat::requests::{Arrival, Claim, MessageAction, MessageChange, NewMessage};
use crate::delivery::{ConnId, Dialect};
use crate::error::Error;
use crate::model::message::LOBBY;
use crate::protocol::close::{self, Close};
use crate::protocol::kinds;
use crate::protocol::request::{self, Request};
use crate::protocol::{MAX_FRAME, classic, feed, frame};
use crate::realtime::admission::ConnectionPermit;
use crate::realtime::client_writer::ClientWriter;
use crate::realtime::content::Content;
use crate::realtime::frame_rate::FrameRateLimit;
use crate::realtime::heartbeat::{Heartbeat, HeartbeatAction, HeartbeatTimes};
use crate::realtime::subscriptions::Subscriptions;
use crate::telemetry;
use crate::text::catalog::Lang;
use crate::text::content::Format;

/// Fragments of one message: more is not a message but a way to keep the server busy.
const MAX_FRAGMENTS: usize = 1_000;

/// Pings a second that are answered; a browser sends none by itself.
const PINGS_PER_SECOND: u32 = 10;

/// Times a second that a classic client may ask for the history, which is up to 512 KiB. It is sent one when it
/// connects, and asks for another when somebody opens its chat window.
const HISTORIES_PER_SECOND: u32 = 1;

/// How often a second a client may open another room, each up to 512 KiB: a person who looks
/// through all of their rooms in the morning clicks no faster for long.
const OPENS_PER_SECOND: u32 = 4;

/// The settings that all sessions share.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// The heartbeat's times.
    pub heartbeat_times: HeartbeatTimes,
    /// Frames a second that one connection may send for long; `None` = no limit.
    pub frames_per_second: Option<u32>,
    /// The longest message, in characters.
    pub message_chars: usize,
    /// The most files of a message.
    pub files_per_message: usize,
}

/// The actor of one connection.
#[derive(Debug)]
pub struct Session {
    conn: ConnId,
    writer: Rc<ClientWriter>,
    subscriptions: Rc<Subscriptions>,
    chat: ChatHandle,
    settings: Settings,
    /// Given to ChatServer when the actor has started; `None` afterwards.
    arriving: Option<Box<Arrival>>,
    lang: Lang,
    dialect: Dialect,
    beat: Heartbeat,
    frames: FrameRateLimit,
    pings: FrameRateLimit,
    history_rate: FrameRateLimit,
    open_rate: FrameRateLimit,
    fragments: Option<Box<Fragments>>,
    /// The permit that admits the connection, free again when this is dropped.
    _permit: ConnectionPermit,
}

impl Session {
    /// The session of a connection that has just been admitted.
    #[must_use]
    pub fn new(
        writer: Rc<ClientWriter>,
        subscriptions: Rc<Subscriptions>,
        chat: ChatHandle,
        settings: Settings,
        arrival: Arrival,
        permit: ConnectionPermit,
    ) -> Self {
        let now = Instant::now();
        Self {
            conn: subscriptions.add(Rc::clone(&writer)),
            writer,
            subscriptions,
            chat,
            settings,
            lang: arrival.principal.lang,
            arriving: Some(Box::new(arrival)),
            dialect: Dialect::Classic,
            beat: Heartbeat::new(now, &settings.heartbeat_times),
            frames: FrameRateLimit::new(now),
            pings: FrameRateLimit::new(now),
            history_rate: FrameRateLimit::new(now),
            open_rate: FrameRateLimit::new(now),
            fragments: None,
            _permit: permit,
        }
    }

    fn refuse(&self, error: &Error, nonce: Option<uuid::Uuid>) {
        telemetry::refused(error.code());
        self.writer.send(&feed::error(error, self.lang, nonce));
    }

    fn close(&self, close: Close) {
        telemetry::closed(close.reason());
        self.writer.close(&frame::close(close));
    }

    fn check_heartbeat(&mut self, ctx: &mut Context<Self>) {
        if self.writer.has_ended() {
            return ctx.stop();
        }
        let now = Instant::now();
        match self.beat.check(now, &self.settings.heartbeat_times) {
            HeartbeatAction::Wait => {}
            HeartbeatAction::Ping => self.writer.send(&frame::ping()),
            HeartbeatAction::Dead => {
                // Nobody is there to answer the close frame: it is not waited for.
                self.close(Close::NoHeartbeat);
                return ctx.stop();
            }
        }
        ctx.run_later(self.beat.next_check(now), Self::check_heartbeat);
    }

    fn handle_text(&mut self, text: &str) {
        match request::parse(text) {
            Ok(request) => self.take(request),
            Err(error) => self.refuse(&error, request::nonce_of(text)),
        }
    }

    fn take(&mut self, request: Request) {
        let conn = self.conn;
        let nonce = request.nonce();
        let feed = self.dialect == Dialect::Feed;
        let sent = match request {
            Request::Ping { number } => {
                if number == kinds::SECOND_PING {
                    self.subscriptions.subscribe_bare(conn);
                }
                self.writer.send(&classic::pong(number));
                return;
            }
            Request::Hello(hello) if !feed => {
                self.dialect = Dialect::Feed;
                self.chat.hello(conn, hello)
            }
            Request::Send(send) if feed => {
                self.chat.send_message(conn, self.content().message(send))
            }
            Request::Change(change) if feed => self
                .chat
                .change_message(conn, self.content().change(change)),
            Request::Open(open) if feed => {
                let (now, room) = (Instant::now(), open.room);
                let error = if !self.open_rate.admits(now, OPENS_PER_SECOND) {
                    let retry_after = self.open_rate.rest(now);
                    Error::TooFast { retry_after }
                } else if self.chat.open_room(conn, open).is_err() {
                    Error::Busy
                } else {
                    return;
                };
                telemetry::refused(error.code());
                self.writer.send(&feed::not_opened(&error, self.lang, room));
                return;
            }
            // These are left out first when ChatServer is behind, and the client gets no error for that.
            Request::Read(read) if feed => {
                let _busy = self.chat.mark_read(conn, read);
                return;
            }
            Request::Idle(idle) if feed => {
                let idle = idle.idle;
                let _busy = self.chat.set_idle(conn, idle);
                return;
            }
            Request::Typing(typing) if feed => {
                let room = typing.room;
                let _busy = self.chat.typing(conn, room);
                return;
            }
            Request::Online if !feed => self.chat.ask_online(conn),
            Request::History if !feed => {
                if !self
                    .history_rate
                    .admits(Instant::now(), HISTORIES_PER_SECOND)
                {
                    let retry_after = self.history_rate.rest(Instant::now());
                    self.refuse(&Error::TooFast { retry_after }, None);
                    return;
                }
                self.chat.ask_history(conn)
            }
            Request::Text {
                content,
                nickname,
                avatar,
            } if !feed => self.chat.send_message(
                conn,
                NewMessage {
                    nonce,
                    room: LOBBY,
                    body: self.content().body(&content, Format::Classic),
                    reply: None,
                    files: Ok(Vec::new()),
                    claim: Some(Claim { nickname, avatar }),
                },
            ),
            Request::Recall { id, bare } if !feed => {
                if bare {
                    self.subscriptions.subscribe_bare(conn);
                }
                self.chat.change_message(
                    conn,
                    MessageChange {
                        nonce,
                        room: LOBBY,
                        id,
                        action: MessageAction::Recall,
                    },
                )
            }
            _ => {
                self.refuse(&Error::OutOfTurn, nonce);
                return;
            }
        };
        if sent.is_err() {
            self.refuse(&Error::Busy, nonce);
        }
    }

    fn content(&self) -> Content {
        Content {
            message_chars: self.settings.message_chars,
            files_per_message: self.settings.files_per_message,
        }
    }

    fn take_fragment(&mut self, item: Item) {
        let (data, begins, ends) = match item {
            Item::FirstText(data) => (data, Some(true), false),
            Item::FirstBinary(data) => (data, Some(false), false),
            Item::Continue(data) => (data, None, false),
            Item::Last(data) => (data, None, true),
        };
        match begins {
            Some(is_text) => {
                self.fragments = Some(Box::new(Fragments {
                    is_text,
                    ..Fragments::default()
                }))
            }
            None if self.fragments.is_none() => return self.close(Close::BrokenFrame),
            None => {}
        }
        let Some(fragments) = &mut self.fragments else {
            return;
        };
        fragments.count += 1;
        fragments.bytes.extend_from_slice(&data);
        if fragments.bytes.len() > MAX_FRAME {
            self.close(Close::TooLong);
        } else if fragments.count > MAX_FRAGMENTS {
            self.close(Close::Flood);
        } else if ends && let Some(whole) = self.fragments.take() {
            match String::from_utf8(whole.bytes) {
                Ok(text) if whole.is_text => self.handle_text(&text),
                Err(_) if whole.is_text => self.close(Close::BadText),
                _ => self.refuse(&Error::BadFrame, None),
            }
        }
    }

    fn answer_close(&self, reason: Option<&CloseReason>) {
        let code = reason.map(|reason| u16::from(reason.code));
        if code.is_some_and(|code| !close::is_valid_from_peer(code)) {
            return self.close(Close::BrokenFrame);
        }
        self.writer.close(&frame::close_echo(code));
    }
}

impl Actor for Session {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let now = Instant::now();
        ctx.run_later(self.beat.next_check(now), Self::check_heartbeat);
        if let Some(arrival) = self.arriving.take()
            && self.chat.connect(self.conn, arrival).is_err()
        {
            self.close(Close::Overloaded);
        }
    }

    fn stopped(&mut self, _ctx: &mut Self::Context) {
        self.subscriptions.remove(self.conn);
        self.writer.cut();
        // It must arrive, and there is one for each connection: it is sent past the mailbox's capacity.
        self.chat.disconnect(self.conn);
    }
}

impl StreamHandler<Result<Frame, Close>> for Session {
    fn handle(&mut self, frame: Result<Frame, Close>, ctx: &mut Self::Context) {
        if self.writer.has_ended() {
            if let Ok(Frame::Close(_)) | Err(_) = &frame {
                ctx.stop();
            }
            return;
        }
        let now = Instant::now();
        if let Ok(Frame::Pong(_)) = &frame {
            self.beat.ponged(now);
        } else {
            self.beat.heard(now);
        }
        if let Some(limit) = self.settings.frames_per_second
            && !self.frames.admits(now, limit)
        {
            return self.close(Close::Flood);
        }
        match frame {
            Ok(Frame::Text(text)) => match std::str::from_utf8(&text) {
                Ok(text) => self.handle_text(text),
                Err(_not_utf8) => self.close(Close::BadText),
            },
            Ok(Frame::Binary(_)) => self.refuse(&Error::BadFrame, None),
            Ok(Frame::Ping(payload)) if self.pings.admits(now, PINGS_PER_SECOND) => {
                self.writer.send(&frame::pong(&payload));
            }
            Ok(Frame::Ping(_)) => self.close(Close::Flood),
            Ok(Frame::Pong(_)) => {}
            Ok(Frame::Continuation(item)) => self.take_fragment(item),
            Ok(Frame::Close(reason)) => self.answer_close(reason.as_ref()),
            Err(close) => self.close(close),
        }
    }

    fn finished(&mut self, ctx: &mut Self::Context) {
        ctx.stop();
    }
}

/// A message that comes in pieces.
#[derive(Debug, Default)]
struct Fragments {
    is_text: bool,
    count: usize,
    bytes: Vec<u8>,
}
