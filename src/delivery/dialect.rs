//! The dialects of the protocol, and one broadcast encoded in each of them.

use bytes::{Bytes, BytesMut};

/// How a connection's frames are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Frames of types 1 to 6.
    Classic,
    /// The same, but a recall's data is the bare id.
    Bare,
    /// Types 10 and up, after `hello`.
    Feed,
}

/// The same event as whole frames in every dialect, encoded once for all connections. Empty = nothing
/// is sent in that dialect.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EncodedFrames {
    /// Frames for [`Dialect::Classic`].
    pub classic: Bytes,
    /// Frames for [`Dialect::Bare`].
    pub bare: Bytes,
    /// Frames for [`Dialect::Feed`].
    pub feed: Bytes,
}

impl EncodedFrames {
    /// The frames of one dialect.
    #[must_use]
    pub fn of(&self, dialect: Dialect) -> &Bytes {
        match dialect {
            Dialect::Classic => &self.classic,
            Dialect::Bare => &self.bare,
            Dialect::Feed => &self.feed,
        }
    }

    /// Size in bytes in the dialect whose frames are longest.
    #[must_use]
    pub fn longest(&self) -> usize {
        let lengths = [self.classic.len(), self.bare.len(), self.feed.len()];
        lengths.into_iter().max().unwrap_or_default()
    }

    /// Whether there is no frame in any dialect.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.classic.is_empty() && self.bare.is_empty() && self.feed.is_empty()
    }

    /// Several broadcasts as one, in order, so that they leave in one write.
    #[must_use]
    pub fn join(mut broadcasts: Vec<Self>) -> Self {
        match broadcasts.len() {
            0 | 1 => broadcasts.pop().unwrap_or_default(),
            _ => Self {
                classic: concat(broadcasts.iter().map(|frames| &frames.classic)),
                bare: concat(broadcasts.iter().map(|frames| &frames.bare)),
                feed: concat(broadcasts.iter().map(|frames| &frames.feed)),
            },
        }
    }
}

fn concat<'a>(parts: impl Iterator<Item = &'a Bytes> + Clone) -> Bytes {
    let mut out = BytesMut::with_capacity(parts.clone().map(Bytes::len).sum());
    for part in parts {
        out.extend_from_slice(part);
    }
    out.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn news(text: &'static str) -> EncodedFrames {
        let bytes = Bytes::from_static(text.as_bytes());
        EncodedFrames {
            classic: bytes.clone(),
            bare: Bytes::new(),
            feed: bytes,
        }
    }

    #[test]
    fn joined_news_keep_their_order_in_every_dialect() {
        assert!(EncodedFrames::join(Vec::new()).is_empty());
        assert_eq!(EncodedFrames::join(vec![news("a")]), news("a"));
        let joined = EncodedFrames::join(vec![news("a"), news("b"), news("c")]);
        assert_eq!(joined.of(Dialect::Classic), "abc");
        assert_eq!(joined.of(Dialect::Bare), "");
        assert_eq!(joined.of(Dialect::Feed), "abc");
    }
}
