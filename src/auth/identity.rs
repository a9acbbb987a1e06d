//! From a cookie session to a person.
//!
//! Three kinds, in this order: the account that the session is signed in to, the visitor that
//! the session was made for, and, without a cookie, the classic fingerprint of address and
//! program. What a client claims never comes in here.

use std::net::IpAddr;

use crate::auth::secrets::Secrets;
use crate::model::person::{Person, PersonKind};
use crate::model::person_id::PersonId;
use crate::text::catalog::Lang;
use crate::text::guest_name::guest_name;

/// The public id of the visitor with this private id.
#[must_use]
pub fn visitor_id(secrets: &Secrets, private: &str) -> PersonId {
    PersonId::Visitor(secrets.pseudonym(private))
}

/// The classic fingerprint of a client without cookies: md5 of address and User-Agent. Neither
/// secret nor unique; it leaves the server only as a pseudonym.
#[must_use]
pub fn fingerprint(address: IpAddr, user_agent: &str) -> String {
    format!("{:x}", md5::compute(format!("{address}{user_agent}")))
}

/// A visitor as a person; `name` is the one that they chose or were given.
#[must_use]
pub fn visitor(id: PersonId, name: String, place: String) -> Person {
    Person {
        avatar: Person::identicon(id),
        kind: PersonKind::Visitor,
        bot: false,
        id,
        name,
        place,
    }
}

/// A generated name for a visitor who has none: the same one each time.
#[must_use]
pub fn generated_name(id: PersonId, lang: Lang) -> String {
    let [a, b, c, d, e, f, g, h, ..] = crate::text::identicon::digest(&id.to_string());
    guest_name(
        lang == Lang::Zh,
        u64::from_le_bytes([a, b, c, d, e, f, g, h]),
    )
}
