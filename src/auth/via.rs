//! The ways to sign in.

use serde::{Deserialize, Serialize};

/// By what somebody has signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// Name and password.
    Password,
    /// The account was made just then.
    Registration,
    /// A link for another password.
    PasswordLink,
    /// A frame, by an account that is signed in at this server itself.
    Window,
    /// A token of the site.
    Site,
    /// A token of the site, for one socket.
    SiteSocket,
}

impl Via {
    /// As it is stored, and counted.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Registration => "registration",
            Self::PasswordLink => "password_link",
            Self::Window => "window",
            Self::Site => "site",
            Self::SiteSocket => "site_socket",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_names_it_as_the_counter_does() {
        assert_eq!(
            Via::SiteSocket.as_str(),
            "site_socket",
            "as the store's SQL has it"
        );
        for via in [
            Via::Password,
            Via::Registration,
            Via::PasswordLink,
            Via::Window,
            Via::Site,
            Via::SiteSocket,
        ] {
            assert_eq!(serde_json::to_value(via).unwrap(), via.as_str());
        }
    }
}
