//! Whether a text that comes in pieces can still be one: UTF-8, cut anywhere.
//!
//! Keeps nothing but a character that is not complete: three bytes at most.

/// What has been looked at of a text.
#[derive(Debug, Default, Clone, Copy)]
pub struct Utf8 {
    /// The beginning of a character.
    cut: [u8; 4],
    length: usize,
}

/// The bytes begin no text in UTF-8, whatever follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoText;

impl Utf8 {
    /// Checks the next bytes.
    ///
    /// # Errors
    /// [`NoText`] as soon as it cannot become UTF-8 any more.
    pub fn check(&mut self, mut bytes: &[u8]) -> Result<(), NoText> {
        while self.length > 0
            && let Some((next, rest)) = bytes.split_first()
        {
            bytes = rest;
            *self.cut.get_mut(self.length).ok_or(NoText)? = *next;
            self.length += 1;
            let begun = self.cut.get(..self.length).unwrap_or_default();
            self.length = unfinished(begun)?.len();
        }
        let left = unfinished(bytes)?;
        for (place, byte) in self.cut.iter_mut().zip(left).skip(self.length) {
            *place = *byte;
        }
        self.length = self.length.max(left.len());
        Ok(())
    }
}

/// The character at the end that is not complete.
fn unfinished(bytes: &[u8]) -> Result<&[u8], NoText> {
    match std::str::from_utf8(bytes) {
        Ok(_) => Ok(&[]),
        Err(error) if error.error_len().is_none() => {
            Ok(bytes.get(error.valid_up_to()..).unwrap_or_default())
        }
        Err(_) => Err(NoText),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// How many of the bytes are taken, one after the other.
    fn taken(bytes: &[u8]) -> usize {
        let mut text = Utf8::default();
        let fits = |byte: &&u8| text.check(&[**byte]).is_ok();
        bytes.iter().take_while(fits).count()
    }

    #[test]
    fn it_ends_with_the_first_byte_that_no_character_has_there() {
        for (bytes, good) in [
            (
                &b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xf4\x90\x80\x80edited"[..],
                12,
            ),
            (b"ab\xff", 2),
            (b"\xc0\x80", 0),
            (b"\xc1\xbf", 0),
            (b"\xe0\x9f\xbf", 1),
            (b"\xed\xa0\x80", 1),
            (b"\xf0\x8f\xbf\xbf", 1),
            (b"\xf4\x8f\xbf\xbf\xf5", 4),
            (b"\xe8\x8c\xb6\x80", 3),
            (b"\xf0\x9f\x8d\xb5", 4),
        ] {
            assert_eq!(taken(bytes), good, "{bytes:x?}");
        }
    }

    proptest! {
        /// Wherever it is cut, it is no text from the same piece on as when all is looked at anew.
        #[test]
        fn pieces_are_as_good_as_all_that_has_come(
            pieces in proptest::collection::vec(
                prop_oneof![
                    "[a-zé茶🍵]{0,3}".prop_map(String::into_bytes),
                    proptest::collection::vec(any::<u8>(), 0..3),
                    proptest::sample::select(vec![&b"\xe8\x8c"[..], b"\xb6", b"\xf0", b"\x9f\x8d", b"\xf4", b"\x90", b""])
                        .prop_map(<[u8]>::to_vec),
                ],
                0..8,
            ),
        ) {
            let mut text = Utf8::default();
            let mut all = Vec::new();
            for piece in pieces {
                all.extend_from_slice(&piece);
                let good = unfinished(&all).is_ok();
                prop_assert_eq!(text.check(&piece).is_ok(), good, "{:x?}", all);
                if !good {
                    break;
                }
            }
        }
    }
}
