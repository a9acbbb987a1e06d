//! Tokens by which a site says who somebody is: JWTs that it signs with a key of `[site] keys`.
//!
//! Owns every check but the last two: what the database knows of the person, and whether the token has let somebody in
//! before, is `federation`'s. Which check failed is for the log alone; whoever brought the token learns no more than whether
//! a new one helps. Bounded by [`MAX_BYTES`]. The time is the server's ([`crate::text::clock`]), and not the machine's that
//! `jsonwebtoken` would ask.

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Map, Value};

use super::jwt_provider;
use crate::config::{Site, SiteKey};
use crate::error::Error;
use crate::model::person::ServerRole;
use crate::model::room_id::RoomId;

/// The largest token, in bytes: proxies cut headers that are longer.
pub const MAX_BYTES: usize = 4_096;

/// How far the site's clock may be off, in seconds.
const LEEWAY: i64 = 30;

/// How long a token may be good for, in seconds: it is made for the page that brings it.
const MAX_LIFETIME: i64 = 300;

/// The longest subject, in characters.
pub const MAX_SUBJECT: usize = 128;

/// Characters of a token's id.
const TOKEN_ID: std::ops::RangeInclusive<usize> = 8..=64;

/// The longest nonce, in characters.
const MAX_NONCE: usize = 128;

/// Rooms have ids up to here: those that JSON numbers hold exactly.
const MAX_ROOM: i64 = (1 << 53) - 1;

/// Milliseconds in a second.
const MS: i64 = 1_000;

/// The one algorithm there is. A token does not choose: it must name its key's.
const ALGORITHM: (Algorithm, &str) = (Algorithm::HS256, "HS256");

/// What a good token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// Whom the site speaks of: its own id of them.
    pub subject: String,
    /// What the site calls them, as it was sent.
    pub name: String,
    /// Admin or member, if the site says which.
    pub role: Option<ServerRole>,
    /// The rooms that it lets them into.
    pub rooms: Vec<RoomId>,
    /// When it was made, ms since 1970.
    pub issued: i64,
    /// From when on no clock takes it any more, ms since 1970.
    pub until: i64,
    /// Its id, which lets somebody in once.
    pub token_id: String,
    /// What it was asked for with, if it was.
    pub nonce: Option<String>,
    /// The name of the key that has signed it.
    pub key_id: String,
}

/// The check that a token did not pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// More than [`MAX_BYTES`].
    Size,
    /// Not three parts.
    Parts,
    /// The first part is no JSON object in base64url.
    Header,
    /// The header asks for something that must be understood.
    Critical,
    /// No such key, or none is named where there are several.
    Key,
    /// Another algorithm than the key's.
    Algorithm,
    /// Not signed by this key.
    Signature,
    /// The second part is no JSON object.
    Claims,
    /// `iss` is another site.
    Issuer,
    /// `aud` is another server, or several.
    Audience,
    /// `sub` is missing, or too long.
    Subject,
    /// `exp` is missing, or no time.
    Expiry,
    /// `exp` has passed.
    Expired,
    /// `nbf` has still to come, or is no time.
    NotBefore,
    /// `iat` is missing or has still to come.
    IssuedAt,
    /// Good for longer than a token may be, or for no time.
    Lifetime,
    /// `jti` is missing, or too short or long.
    TokenId,
    /// `name` is missing, or no text.
    Name,
    /// `role` is neither admin nor member.
    Role,
    /// `rooms` is no list of rooms.
    Rooms,
    /// `nonce` is no short text.
    Nonce,
    /// The site has no key.
    NoKeys,
    /// Made too long ago for a socket.
    Old,
    /// Was not asked for from here, or too long ago.
    NotAsked,
    /// Made before the person was last signed out by their site.
    SignedOut,
    /// The person may not come in any more.
    Blocked,
    /// Has let somebody in before.
    Spent,
}

impl Refusal {
    /// The check as it is logged.
    #[must_use]
    pub fn check(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Parts => "parts",
            Self::Header => "header",
            Self::Critical => "crit",
            Self::Key => "kid",
            Self::Algorithm => "alg",
            Self::Signature => "signature",
            Self::Claims => "claims",
            Self::Issuer => "iss",
            Self::Audience => "aud",
            Self::Subject => "sub",
            Self::Expiry => "exp",
            Self::Expired => "exp passed",
            Self::NotBefore => "nbf",
            Self::IssuedAt => "iat",
            Self::Lifetime => "exp - iat",
            Self::TokenId => "jti",
            Self::Name => "name",
            Self::Role => "role",
            Self::Rooms => "rooms",
            Self::Nonce => "nonce",
            Self::NoKeys => "[site] keys is empty",
            Self::Old => "iat too long ago for a socket",
            Self::NotAsked => "nonce of this session",
            Self::SignedOut => "iat before the last sign-out",
            Self::Blocked => "sub is blocked",
            Self::Spent => "jti spent",
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Expired | Refusal::Old => Self::TokenExpired,
            Refusal::Spent => Self::TokenUsed,
            _ => Self::BadToken,
        }
    }
}

/// What tokens of the site are checked against.
#[derive(Debug)]
pub struct Verifier {
    keys: Vec<(String, DecodingKey)>,
    issuer: String,
    audience: String,
    validation: Validation,
}

impl Verifier {
    /// Takes tokens of `site` that were made for the server at `audience`; `None` where the site has no key.
    #[must_use]
    pub fn new(site: &Site, audience: &str) -> Option<Self> {
        let key = |key: &SiteKey| {
            let secret = DecodingKey::from_secret(key.secret()).ok()?;
            Some((key.id().to_owned(), secret))
        };
        let keys: Vec<_> = site.keys.iter().filter_map(key).collect();
        if keys.is_empty() {
            return None;
        }
        jwt_provider::install();
        let mut validation = Validation::new(ALGORITHM.0);
        validation.set_issuer(&[&site.issuer]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // By the server's clock, below.
        validation.validate_exp = false;
        Some(Self {
            keys,
            issuer: site.issuer.clone(),
            audience: audience.to_owned(),
            validation,
        })
    }

    /// What the token says, at `now` (ms since 1970).
    ///
    /// # Errors
    /// The first check that it does not pass.
    pub fn verify(&self, token: &str, now: i64) -> Result<Claims, Refusal> {
        if token.len() > MAX_BYTES {
            return Err(Refusal::Size);
        }
        let (key_id, key) = self.key_of(token)?;
        let claims = jsonwebtoken::decode::<Map<String, Value>>(token, key, &self.validation)
            .map_err(|error| refusal(error.kind()))?
            .claims;
        self.read(&Fields(claims), key_id, now.div_euclid(MS))
    }

    /// The key that a token says it is signed with, which must be meant for the algorithm that it says.
    fn key_of(&self, token: &str) -> Result<(&str, &DecodingKey), Refusal> {
        let mut parts = token.split('.');
        let (Some(header), Some(_), Some(_), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Refusal::Parts);
        };
        let header = jwt_provider::object(header).ok_or(Refusal::Header)?;
        if header.contains_key("crit") {
            return Err(Refusal::Critical);
        }
        let named = match header.get("kid") {
            Some(Value::String(id)) => self.keys.iter().find(|(known, _)| known == id),
            None if self.keys.len() == 1 => self.keys.first(),
            _ => None,
        };
        let (id, key) = named.ok_or(Refusal::Key)?;
        match header.get("alg").and_then(Value::as_str) {
            Some(alg) if alg == ALGORITHM.1 => Ok((id, key)),
            _ => Err(Refusal::Algorithm),
        }
    }

    /// Reads the claims of a token that this key has signed, at `now` (seconds since 1970).
    fn read(&self, claims: &Fields, key_id: &str, now: i64) -> Result<Claims, Refusal> {
        let is_alone = |aud: &Value| match aud {
            Value::String(one) => *one == self.audience,
            // Whoever else it is for could use it here.
            Value::Array(all) => {
                matches!(all.as_slice(), [Value::String(one)] if *one == self.audience)
            }
            _ => false,
        };
        if claims.text("iss") != Some(&self.issuer) {
            return Err(Refusal::Issuer);
        }
        if !claims.0.get("aud").is_some_and(is_alone) {
            return Err(Refusal::Audience);
        }
        let subject = claims
            .text_of("sub", 1..=MAX_SUBJECT)
            .ok_or(Refusal::Subject)?;
        let expires = claims.time("exp").ok_or(Refusal::Expiry)?;
        if expires < now - LEEWAY {
            return Err(Refusal::Expired);
        }
        if claims.has("nbf") && claims.time("nbf").is_none_or(|from| from > now + LEEWAY) {
            return Err(Refusal::NotBefore);
        }
        let issued = claims.time("iat").ok_or(Refusal::IssuedAt)?;
        if issued > now + LEEWAY {
            return Err(Refusal::IssuedAt);
        }
        if !(1..=MAX_LIFETIME).contains(&(expires - issued)) {
            return Err(Refusal::Lifetime);
        }
        let token_id = claims.text_of("jti", TOKEN_ID).ok_or(Refusal::TokenId)?;
        Ok(Claims {
            subject,
            name: claims.text("name").ok_or(Refusal::Name)?.to_owned(),
            role: claims.role()?,
            rooms: claims.rooms()?,
            issued: issued * MS,
            until: (expires + LEEWAY + 1) * MS,
            token_id,
            nonce: claims.nonce()?,
            key_id: key_id.to_owned(),
        })
    }
}

/// The claims as they came.
struct Fields(Map<String, Value>);

impl Fields {
    fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// A text of so many characters, all of which can be stored and shown.
    fn text_of(&self, name: &str, length: std::ops::RangeInclusive<usize>) -> Option<String> {
        let text = self.text(name)?;
        let fits = length.contains(&text.chars().count()) && !text.chars().any(char::is_control);
        fits.then(|| text.to_owned())
    }

    /// A time in whole seconds since 1970.
    fn time(&self, name: &str) -> Option<i64> {
        let seconds = self.0.get(name)?.as_i64()?;
        (0..=MAX_ROOM).contains(&seconds).then_some(seconds)
    }

    fn role(&self) -> Result<Option<ServerRole>, Refusal> {
        if !self.has("role") {
            return Ok(None);
        }
        match self.text("role") {
            Some("admin") => Ok(Some(ServerRole::Admin)),
            Some("member") => Ok(Some(ServerRole::Member)),
            _ => Err(Refusal::Role),
        }
    }

    fn rooms(&self) -> Result<Vec<RoomId>, Refusal> {
        let room = |value: &Value| {
            let id = value.as_i64().filter(|id| (1..=MAX_ROOM).contains(id));
            id.map(RoomId).ok_or(Refusal::Rooms)
        };
        match self.0.get("rooms") {
            None => Ok(Vec::new()),
            Some(Value::Array(rooms)) => rooms.iter().map(room).collect(),
            Some(_) => Err(Refusal::Rooms),
        }
    }

    fn nonce(&self) -> Result<Option<String>, Refusal> {
        if !self.has("nonce") {
            return Ok(None);
        }
        let nonce = self.text_of("nonce", 1..=MAX_NONCE);
        nonce.map(Some).ok_or(Refusal::Nonce)
    }
}

fn refusal(error: &ErrorKind) -> Refusal {
    match error {
        ErrorKind::InvalidIssuer => Refusal::Issuer,
        ErrorKind::InvalidAudience => Refusal::Audience,
        ErrorKind::InvalidAlgorithm => Refusal::Algorithm,
        ErrorKind::MissingRequiredClaim(claim) | ErrorKind::InvalidClaimFormat(claim) => {
            match claim.as_str() {
                "iss" => Refusal::Issuer,
                "aud" => Refusal::Audience,
                "sub" => Refusal::Subject,
                "exp" => Refusal::Expiry,
                _ => Refusal::Claims,
            }
        }
        ErrorKind::InvalidSignature | ErrorKind::Base64(_) => Refusal::Signature,
        _ => Refusal::Claims,
    }
}

#[cfg(test)]
mod tests;
