//! Every refusal, in one table.
//!
//! Owns the stable code, the HTTP status and the message key of each refusal, for the socket and
//! the HTTP API alike. The text itself is in `locales/`, under `error.<code>`.

mod examples;

use std::time::Duration;

use actix_web::http::StatusCode;

/// Why a client's request was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.code())]
pub enum Error {
    /// A frame or body that is not JSON of the expected envelope.
    BadFrame,
    /// A frame whose type this server does not know.
    UnknownType,
    /// A known type, or a known call, with data of another shape.
    BadData,
    /// `hello` after `hello`, or a feed frame before it.
    OutOfTurn,
    /// The content is empty after trimming.
    Empty,
    /// More characters than `chat.max_message_chars`.
    TooLong {
        /// The limit, in Unicode scalar values.
        limit: usize,
    },
    /// Faster than `limits.messages_per_minute`.
    TooFast {
        /// How long until the next one is accepted.
        retry_after: Duration,
    },
    /// Guests may only read here.
    GuestsRead,
    /// Guests are not let in.
    GuestsOff,
    /// The store could not save it; nothing was broadcast.
    NotSaved,
    /// There is no connection to the database. Nobody knows what became of a commit under way; the same nonce again finds out.
    StoreAway,
    /// A queue is full; try again.
    Busy,
    /// A search exceeded its time limit.
    TooSlow,
    /// No such room or message, or the person may not see it.
    NotFound,
    /// The message is somebody else's.
    NotYours,
    /// Only the room's owner or its admins may change the room.
    NotAllowed,
    /// Whoever wants to talk in a public room must join it first.
    NotMember,
    /// The person is muted in this room.
    Muted,
    /// Everybody in this room is muted for now.
    AllMuted,
    /// Only the room's owner and admins may send in it.
    ReadOnly,
    /// The room has been archived.
    Archived,
    /// The person is banned from the lobby.
    Banned,
    /// Faster than the room's slow mode.
    SlowMode {
        /// How long until the next one is accepted.
        retry_after: Duration,
    },
    /// An owner must transfer the room, or archive it, before they leave.
    OwnerStays,
    /// A room name that is empty, too long or has characters that cannot be shown.
    BadRoomName,
    /// The name of another public room.
    RoomNameTaken,
    /// `accounts.registration` lets in only those who are invited.
    InvitationNeeded,
    /// `accounts.registration` is closed.
    RegistrationClosed,
    /// Only for owner and admins of the server.
    ServerRoleOnly,
    /// A link for a new password that never existed, or is used up, expired or replaced: which, is not said.
    BadPasswordLink,
    /// An invitation that never existed, or is used up, expired or revoked: which, is not said.
    BadInvitation,
    /// The person, or the server, has as many rooms as allowed.
    TooManyRooms {
        /// Most rooms.
        limit: usize,
    },
    /// The room has as many members as allowed.
    RoomFull {
        /// Most members.
        limit: usize,
    },
    /// The room has as many valid invitations as allowed.
    TooManyInvitations {
        /// Most invitations.
        limit: usize,
    },
    /// The server has as many bots as allowed.
    TooManyBots {
        /// Most bots.
        limit: usize,
    },
    /// The room has as many hooks as allowed.
    TooManyHooks {
        /// Most hooks.
        limit: usize,
    },
    /// The operator does not let the person make rooms of this kind.
    NoNewRooms,
    /// The reaction is not an emoji.
    BadEmoji,
    /// The message has as many different emoji as allowed.
    TooManyReactions {
        /// Most different emoji.
        limit: usize,
    },
    /// The room has as many pinned messages as allowed.
    TooManyPins {
        /// Most pinned messages.
        limit: usize,
    },
    /// The recall window has passed.
    TooLate,
    /// `uploads.who` does not let the person send files.
    UploadsOff,
    /// A file larger than `uploads.file_bytes`.
    FileTooBig {
        /// The limit, in bytes.
        limit: u64,
    },
    /// A picture with more pixels than `uploads.picture_pixels`, or a longer edge than any camera's.
    PictureTooBig {
        /// The limit, in megapixels.
        limit: usize,
    },
    /// A picture that cannot be read.
    BadPicture,
    /// A recording that cannot be read.
    BadVoice,
    /// A recording longer than `uploads.voice_length`.
    VoiceTooLong {
        /// The limit, in seconds.
        limit: u64,
    },
    /// A voice with words or other files.
    VoiceAlone,
    /// A message that cannot be edited: a voice.
    NotEditable,
    /// A file without a byte.
    FileEmpty,
    /// A file of a type that `uploads.refuse` names.
    FileRefused,
    /// The person's files take all that `uploads.quota` allows.
    QuotaFull {
        /// The limit, in bytes.
        limit: u64,
    },
    /// All files take what `uploads.total` allows.
    StorageFull,
    /// The disk has no more free than `uploads.spare`.
    DiskFull,
    /// Where the files of all nodes lie does not answer.
    FilesAway,
    /// The person has as many files as allowed that are not sent yet.
    TooManyUploads {
        /// Most files.
        limit: usize,
    },
    /// A request of an upload whose headers are not those of tus 1.0.0.
    BadUpload,
    /// A request of an upload in another version of tus than 1.0.0.
    OtherTus,
    /// Bytes of an upload under another type than `application/offset+octet-stream`.
    NotBytes,
    /// Bytes that begin elsewhere than where the upload is.
    WrongOffset,
    /// The upload was not sent in time, and has been deleted.
    UploadExpired,
    /// A message with a file that is not there any more, or was never the sender's.
    FileGone,
    /// A message with a file that has not arrived whole yet.
    FileNotReady,
    /// A message with more files than `uploads.files_per_message`.
    TooManyFiles {
        /// Most files.
        limit: usize,
    },
    /// A name that is empty, too long or has characters that cannot be shown.
    BadName,
    /// A name that belongs to an account.
    NameTaken,
    /// Fewer characters than a password needs.
    PasswordShort {
        /// Fewest characters.
        least: usize,
    },
    /// More characters than a password may have.
    PasswordLong {
        /// Most characters.
        limit: usize,
    },
    /// The password is among the first that attackers guess.
    PasswordCommon,
    /// Unknown name or wrong password: which, is not said.
    WrongCredentials,
    /// Too many attempts from here or for this account.
    SignInThrottled {
        /// How long until the next attempt is accepted.
        retry_after: Duration,
    },
    /// The password that was asked for as proof is wrong.
    WrongPassword,
    /// A token that is not good, for whichever reason: the log says which.
    BadToken,
    /// Another call of the same program waits for events instead.
    PolledElsewhere,
    /// A token whose time has passed: a new one helps.
    TokenExpired,
    /// A token that has let somebody in before: a new one helps.
    TokenUsed,
    /// A change that asks an account without a password for a sign-in a moment ago.
    SignInAgain,
    /// `accounts.passwords` is off: who people are is said elsewhere.
    PasswordsOff,
    /// The account has the name that its site gives it.
    NameElsewhere,
    /// Only for people with an account.
    AccountNeeded,
    /// The account has as many tokens as allowed.
    TooManyTokens {
        /// Most tokens.
        limit: usize,
    },
    /// A change by which a token would be good for more, or for longer.
    WouldWiden,
    /// A token that is not good for this: it lacks the scope, or is for some rooms only.
    ScopeNeeded,
    /// A call that a browser with our cookie may make, and no bearer token.
    NotForTokens,
    /// A page of a site that `embed.hosts` does not name.
    HostNotAllowed,
    /// The request came from another site.
    CrossSite,
    /// A WebSocket was expected.
    NotWebSocket,
    /// `limits.connections` is reached.
    ServerFull,
    /// `limits.connections_per_address` is reached.
    AddressFull,
    /// The server is going down.
    Restarting,
    /// Something failed that should not; the log has the details.
    Internal,
}

/// How long a file that has just arrived may take until it can be sent.
const ALMOST: Duration = Duration::from_secs(2);

/// How long a full disk may take, until somebody looks after it.
const LATER: Duration = Duration::from_secs(60);

/// The wait that clients are told where none is computed.
const SOON: Duration = Duration::from_secs(5);

impl Error {
    /// The stable, documented code of this refusal.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.row().0
    }

    /// The HTTP status it is answered with.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.row().1).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Code and status of each refusal.
    fn row(&self) -> (&'static str, u16) {
        match self {
            Self::BadFrame => ("bad_frame", 400),
            Self::UnknownType => ("unknown_type", 400),
            Self::BadData => ("bad_data", 400),
            Self::OutOfTurn => ("out_of_turn", 400),
            Self::Empty => ("empty", 400),
            Self::TooLong { .. } => ("too_long", 413),
            Self::TooFast { .. } => ("too_fast", 429),
            Self::GuestsRead => ("guests_read", 403),
            Self::GuestsOff => ("guests_off", 401),
            Self::NotSaved => ("not_saved", 503),
            Self::StoreAway => ("store_away", 503),
            Self::Busy => ("busy", 503),
            Self::TooSlow => ("too_slow", 503),
            Self::NotFound => ("not_found", 404),
            Self::NotYours => ("not_yours", 403),
            Self::NotAllowed => ("not_allowed", 403),
            Self::NotMember => ("not_member", 403),
            Self::Muted => ("muted", 403),
            Self::AllMuted => ("all_muted", 403),
            Self::ReadOnly => ("read_only", 403),
            Self::Archived => ("archived", 403),
            Self::Banned => ("banned", 403),
            Self::SlowMode { .. } => ("slow_mode", 429),
            Self::OwnerStays => ("owner_stays", 409),
            Self::BadRoomName => ("bad_room_name", 400),
            Self::RoomNameTaken => ("room_name_taken", 409),
            Self::InvitationNeeded => ("invitation_needed", 403),
            Self::RegistrationClosed => ("registration_closed", 403),
            Self::ServerRoleOnly => ("house_only", 403),
            Self::BadPasswordLink => ("bad_password_link", 404),
            Self::BadInvitation => ("bad_invitation", 404),
            Self::TooManyRooms { .. } => ("too_many_rooms", 403),
            Self::RoomFull { .. } => ("room_full", 403),
            Self::TooManyInvitations { .. } => ("too_many_invitations", 403),
            Self::TooManyBots { .. } => ("too_many_bots", 403),
            Self::TooManyHooks { .. } => ("too_many_hooks", 403),
            Self::NoNewRooms => ("no_new_rooms", 403),
            Self::BadEmoji => ("bad_emoji", 400),
            Self::TooManyReactions { .. } => ("too_many_reactions", 403),
            Self::TooManyPins { .. } => ("too_many_pins", 403),
            Self::TooLate => ("too_late", 403),
            Self::UploadsOff => ("uploads_off", 403),
            Self::FileTooBig { .. } => ("file_too_big", 413),
            Self::PictureTooBig { .. } => ("picture_too_big", 413),
            Self::BadPicture => ("bad_picture", 422),
            Self::BadVoice => ("bad_voice", 422),
            Self::VoiceTooLong { .. } => ("voice_too_long", 413),
            Self::VoiceAlone => ("voice_alone", 400),
            Self::NotEditable => ("not_editable", 403),
            Self::FileEmpty => ("file_empty", 400),
            Self::FileRefused => ("file_refused", 415),
            Self::QuotaFull { .. } => ("quota_full", 403),
            Self::StorageFull => ("storage_full", 507),
            Self::DiskFull => ("disk_full", 507),
            Self::FilesAway => ("files_away", 503),
            Self::TooManyUploads { .. } => ("too_many_uploads", 429),
            Self::BadUpload => ("bad_upload", 400),
            Self::OtherTus => ("other_tus", 412),
            Self::NotBytes => ("not_bytes", 415),
            Self::WrongOffset => ("wrong_offset", 409),
            Self::UploadExpired => ("upload_expired", 410),
            Self::FileGone => ("file_gone", 410),
            Self::FileNotReady => ("file_not_ready", 409),
            Self::TooManyFiles { .. } => ("too_many_files", 400),
            Self::BadName => ("bad_name", 400),
            Self::NameTaken => ("name_taken", 409),
            Self::PasswordShort { .. } => ("password_short", 400),
            Self::PasswordLong { .. } => ("password_long", 400),
            Self::PasswordCommon => ("password_common", 400),
            Self::WrongCredentials => ("wrong_credentials", 401),
            Self::SignInThrottled { .. } => ("sign_in_throttled", 429),
            Self::WrongPassword => ("wrong_password", 403),
            Self::BadToken => ("bad_token", 401),
            Self::PolledElsewhere => ("polled_elsewhere", 409),
            Self::TokenExpired => ("token_expired", 401),
            Self::TokenUsed => ("token_used", 401),
            Self::SignInAgain => ("sign_in_again", 401),
            Self::PasswordsOff => ("passwords_off", 403),
            Self::NameElsewhere => ("name_elsewhere", 403),
            Self::AccountNeeded => ("account_needed", 401),
            Self::TooManyTokens { .. } => ("too_many_tokens", 403),
            Self::WouldWiden => ("would_widen", 403),
            Self::ScopeNeeded => ("scope_needed", 403),
            Self::NotForTokens => ("not_for_tokens", 403),
            Self::HostNotAllowed => ("host_not_allowed", 403),
            Self::CrossSite => ("cross_site", 403),
            Self::NotWebSocket => ("not_websocket", 400),
            Self::ServerFull => ("house_full", 503),
            Self::AddressFull => ("address_full", 429),
            Self::Restarting => ("restarting", 503),
            Self::Internal => ("internal", 500),
        }
    }

    /// Seconds to wait before trying again, rounded up, where trying again can help.
    #[must_use]
    pub fn retry_after(&self) -> Option<u64> {
        let wait = match self {
            Self::TooFast { retry_after }
            | Self::SlowMode { retry_after }
            | Self::SignInThrottled { retry_after } => *retry_after,
            Self::FileNotReady => ALMOST,
            Self::DiskFull => LATER,
            Self::NotSaved
            | Self::StoreAway
            | Self::Busy
            | Self::FilesAway
            | Self::ServerFull
            | Self::AddressFull
            | Self::Restarting
            | Self::Internal => SOON,
            _ => return None,
        };
        Some(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
    }
}
