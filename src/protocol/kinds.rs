//! The numbers of frames: the `type` of the envelope. Even ones from 10 on are sent by clients, odd ones
//! by the server; 1 to 6 are the classic protocol's, most of them sent both ways.

/// How many are online; asked for and answered.
pub const ONLINE: u8 = 1;
/// The newest records; asked for and answered.
pub const HISTORY: u8 = 2;
/// A record of text.
pub const TEXT: u8 = 3;
/// A record is recalled.
pub const RECALL: u8 = 4;
/// The heartbeat of the second classic dialect. The first one has records of voice here.
pub const SECOND_PING: u8 = 5;
/// The heartbeat.
pub const PING: u8 = 6;
/// A client switches to feed.
pub const HELLO: u8 = 10;
/// The answer to [`HELLO`]: who one is, the rooms, the limits.
pub const WELCOME: u8 = 11;
/// A new message.
pub const SEND: u8 = 12;
/// What was asked is on disk.
pub const ACK: u8 = 13;
/// A change of a message: edit, recall, react, pin.
pub const CHANGE: u8 = 14;
/// A request is refused.
pub const ERROR: u8 = 15;
/// A client opens another room.
pub const OPEN: u8 = 16;
/// A change of a room.
pub const EVENT: u8 = 17;
/// The events that a client has missed.
pub const BATCH: u8 = 19;
/// A fresh page of a room instead of what a client has of it.
pub const RESET: u8 = 21;
/// A person is typing, from the client.
pub const TYPING: u8 = 22;
/// The people who are typing, from the server.
pub const TYPERS: u8 = 23;
/// A person has read up to a seq.
pub const READ: u8 = 24;
/// Where a person has read up to, for all of their connections.
pub const READ_MARKER: u8 = 25;
/// A person has become idle, or active again.
pub const IDLE: u8 = 26;
/// The people who are online.
pub const PRESENCE: u8 = 27;
/// The connection is about to end.
pub const BYE: u8 = 29;
/// Where a room is, for clients that missed something without noticing.
pub const HEAD: u8 = 31;
/// Rooms that are new to a client or another than before.
pub const ROOMS: u8 = 33;
/// A room is not the client's any more.
pub const GONE: u8 = 35;
/// Up to where the members of a small room have read.
pub const SEEN: u8 = 37;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    /// The numbers that a source gives names, one or more on a line.
    fn named(source: &'static str, begins: &str) -> BTreeMap<&'static str, u8> {
        let lines = source.lines().filter_map(|line| line.strip_prefix(begins));
        let parts = lines.flat_map(|line| line.trim_end_matches(';').split(", "));
        parts
            .filter_map(|part| {
                let (name, number) = part.split_once(" = ")?;
                let name = name.split(':').next()?;
                Some((name, number.parse().ok()?))
            })
            .collect()
    }

    #[test]
    fn no_number_is_two_kinds_and_the_page_calls_each_the_same() {
        let ours = named(include_str!("kinds.rs"), "pub const ");
        let mut numbers: Vec<u8> = ours.values().copied().collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), ours.len());
        let socket = include_str!("../../static/js/net/socket.js");
        let page = [named(socket, "export const "), named(socket, "const ")];
        let page: Vec<_> = page
            .into_iter()
            .flatten()
            .filter(|(name, _)| ours.contains_key(name))
            .collect();
        assert_eq!(page.len(), 22, "{page:?}");
        for (name, number) in page {
            assert_eq!(ours[name], number, "{name}");
        }
    }
}
