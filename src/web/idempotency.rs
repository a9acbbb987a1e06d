//! The `Idempotency-Key` of a call: it is the nonce of what the call asks for, so that the same call again finds the first
//! one, on any node and for ever.

use std::future::{Ready, ready};
use std::ops::RangeInclusive;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use sha2::{Digest, Sha256};
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::{IntoParams, PartialSchema};
use uuid::{Builder, Uuid};

use crate::error::Error;

/// Characters of a key.
const CHARS: RangeInclusive<usize> = 1..=200;

/// The header's name.
const HEADER: &str = "idempotency-key";

/// The key of a call, if it has one.
#[derive(Debug, Clone, Copy)]
pub struct IdempotencyKey(Option<Uuid>);

impl FromRequest for IdempotencyKey {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _body: &mut Payload) -> Self::Future {
        let mut keys = request.headers().get_all(HEADER);
        ready(match (keys.next(), keys.next()) {
            (None, _) => Ok(Self(None)),
            (Some(key), None) => nonce_of(key.as_bytes()).map(|nonce| Self(Some(nonce))),
            (Some(_), Some(_)) => Err(Error::BadData),
        })
    }
}

impl IntoParams for IdempotencyKey {
    fn into_params(_where: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let key = ParameterBuilder::new()
            .name("Idempotency-Key")
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(
                "A UUID, or other text of 1 to 200 characters: the same key of the same sender is the same message, or the same change",
            ))
            .schema(Some(<Option<String>>::schema()));
        vec![key.build()]
    }
}

impl IdempotencyKey {
    /// The call's nonce, which its body may name too; a new one where neither does.
    ///
    /// # Errors
    /// [`Error::BadData`] where they differ.
    pub fn nonce(self, in_body: Option<Uuid>) -> Result<Uuid, Error> {
        match (self.0, in_body) {
            (Some(key), Some(nonce)) if key != nonce => Err(Error::BadData),
            (key, nonce) => Ok(key.or(nonce).unwrap_or_else(Uuid::new_v4)),
        }
    }
}

/// A UUID is itself; other text is a UUID of the version for what is one's own (RFC 9562 §5.8).
fn nonce_of(key: &[u8]) -> Result<Uuid, Error> {
    let key = str::from_utf8(key).map_err(|_not_text| Error::BadData)?;
    if !CHARS.contains(&key.chars().count()) {
        return Err(Error::BadData);
    }
    Ok(Uuid::try_parse(key).unwrap_or_else(|_other_text| hashed(key)))
}

/// The UUID of any text: the same text, the same UUID.
pub(super) fn hashed(text: &str) -> Uuid {
    let mut bytes = [0; 16];
    let hash = Sha256::digest(text);
    for (byte, of_hash) in bytes.iter_mut().zip(hash) {
        *byte = of_hash;
    }
    Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_is_itself_and_other_text_is_one_of_its_hash() {
        let uuid = Uuid::new_v4();
        assert_eq!(nonce_of(uuid.to_string().as_bytes()), Ok(uuid));
        let text = nonce_of(b"deploy-1042").unwrap();
        assert_eq!(nonce_of(b"deploy-1042"), Ok(text));
        assert_ne!(nonce_of(b"deploy-1043"), Ok(text));
        // `printf deploy-1042 | sha256sum`, with version and variant.
        assert_eq!(text.to_string(), "7196fd12-85f7-8f22-87a1-c1ceabfba718");
    }

    #[test]
    fn a_key_has_1_to_200_characters() {
        assert!(nonce_of("茶".repeat(200).as_bytes()).is_ok());
        for key in ["", &"茶".repeat(201)] {
            assert_eq!(nonce_of(key.as_bytes()), Err(Error::BadData));
        }
        assert_eq!(nonce_of(&[0xff]), Err(Error::BadData));
    }

    #[test]
    fn header_and_body_may_agree_and_not_differ() {
        let (one, other) = (Uuid::new_v4(), Uuid::new_v4());
        let (with, without) = (IdempotencyKey(Some(one)), IdempotencyKey(None));
        assert_eq!(with.nonce(None), Ok(one));
        assert_eq!(with.nonce(Some(one)), Ok(one));
        assert_eq!(without.nonce(Some(one)), Ok(one));
        assert_eq!(with.nonce(Some(other)), Err(Error::BadData));
        assert_ne!(without.nonce(None), without.nonce(None));
    }
}
