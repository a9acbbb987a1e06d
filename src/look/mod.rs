//! Looking at files that strangers sent: what each is, and the renditions of a picture that others are given.
//!
//! ```text
//! Looks ─turn→ parent ─spawns→ `teahouse look` = child ─kind→ filter ─decode→ raster ─encode→ renditions
//!                 ↑                                                                               │
//!                 └──────────────────── answer, of which nothing is believed ─────────────────────┘
//! ```
//!
//! Nothing of a file is decoded in this process: a child does that, one for each file, with hard limits on
//! memory and time. Others are never given a picture's own bytes, but what was encoded from its pixels; of
//! what moves they are given the filtered container. A voice is written anew from its samples. A video stays as
//! it is, but for the boxes that tell where it was filmed: the look says where they are. Owns no file on the
//! disk and no row of the store.

mod answer;
mod boxes;
pub mod child;
mod confine;
mod cursor;
mod decode;
mod encode;
mod filter;
mod kind;
mod looked;
mod order;
mod parent;
mod picture;
mod pool;
mod raster;
mod voice;
mod wav;

pub use self::looked::{Looked, Rendered};
pub use self::order::{COMMAND, Limits, Order, VOICE_BYTES, Wanted};
pub use self::parent::{LookError, PATIENCE, THIS_PROGRAM, look};
pub use self::pool::Looks;

/// Longest edge of a picture, in pixels: panoramas of phones have 10,000 or so.
const EDGE: u32 = 12_000;
