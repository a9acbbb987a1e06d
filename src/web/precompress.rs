//! The page's files compressed: each once, when somebody first asks for it, and kept.
//!
//! Compressing while sending would be quick and poor, every time anew. Bounded by the files
//! that a build carries, some hundred of a few kB and one with all scripts that are loaded at the start.

use std::collections::HashMap;
use std::io::Cursor;
use std::sync::{LazyLock, Mutex};

use actix_web::HttpRequest;
use actix_web::http::header::{AcceptEncoding, Encoding, Header};
use brotli::enc::BrotliEncoderParams;
use bytes::Bytes;

/// The best quality of Brotli; for a few kB it takes some milliseconds.
const QUALITY: i32 = 11;

/// The quality for files above [`LARGE`], where the best would take a second in which nobody else is served: this
/// takes 30 ms and leaves 4 % more.
const QUICK: i32 = 9;

/// From how many bytes on a file counts as large.
const LARGE: usize = 64 * 1024;

type Packed = Mutex<HashMap<[u8; 32], Bytes>>;

static PACKED: LazyLock<Packed> = LazyLock::new(Packed::default);

/// `plain`, whose SHA-256 is `hash`, in Brotli; `None` when the browser does not accept it, which is so
/// where there is no TLS.
pub(super) fn packed(request: &HttpRequest, hash: [u8; 32], plain: &[u8]) -> Option<Bytes> {
    if !takes_brotli(request) {
        return None;
    }
    once(hash, plain)
}

/// Whether who asks takes Brotli.
pub(super) fn takes_brotli(request: &HttpRequest) -> bool {
    let ours = [Encoding::brotli(), Encoding::identity()];
    AcceptEncoding::parse(request)
        .is_ok_and(|accepted| accepted.negotiate(ours.iter()) == Some(Encoding::brotli()))
}

/// A file of this program, whose SHA-256 is `hash`, in Brotli.
pub(super) fn once(hash: [u8; 32], plain: &[u8]) -> Option<Bytes> {
    let known = PACKED.lock().ok()?.get(&hash).cloned();
    if known.is_some() {
        return known;
    }
    let small = Bytes::from(pack(plain)?);
    PACKED.lock().ok()?.insert(hash, small.clone());
    Some(small)
}

pub(super) fn pack(plain: &[u8]) -> Option<Vec<u8>> {
    let parameters = BrotliEncoderParams {
        quality: if plain.len() > LARGE { QUICK } else { QUALITY },
        size_hint: plain.len(),
        ..BrotliEncoderParams::default()
    };
    let mut small = Vec::with_capacity(plain.len() / 2);
    brotli::BrotliCompress(&mut Cursor::new(plain), &mut small, &parameters).ok()?;
    Some(small)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    const TEXT: &[u8] = b"the kettle is on, the kettle is on, the kettle is on, come in";

    fn asked(accepted: &str) -> Option<Bytes> {
        let request = TestRequest::default().insert_header(("accept-encoding", accepted));
        packed(&request.to_http_request(), [7; 32], TEXT)
    }

    #[test]
    fn who_takes_it_gets_it_small_and_the_same_each_time() {
        let small = asked("gzip, deflate, br, zstd").unwrap();
        assert!(small.len() < TEXT.len());
        let mut plain = Vec::new();
        brotli::BrotliDecompress(&mut Cursor::new(&small), &mut plain).unwrap();
        assert_eq!(plain, TEXT);
        assert_eq!(asked("br").unwrap(), small);
    }

    #[test]
    fn who_does_not_take_it_gets_something_else() {
        for accepted in ["gzip, deflate", "identity", "br;q=0"] {
            assert_eq!(asked(accepted), None, "{accepted}");
        }
    }
}
