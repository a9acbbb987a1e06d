//! Avatars drawn from an md5 digest: a tile like a lattice window, leaves, petals and dots
//! about the middle, the same in all eight directions.
//!
//! Owns shapes and colours. Never keeps anything and never knows whose avatar it draws; md5 is
//! used because its digests are spread well, not to hide the identity. Bounded: an image has
//! at most [`MAX_BYTES`] bytes, whatever the digest.

use std::fmt::Write as _;

/// No image is longer than this, in bytes.
pub const MAX_BYTES: usize = 1_500;

/// Side of a cell. Small whole numbers keep the image small.
const CELL: i32 = 4;
/// Half the side of the pattern: a quarter is two cells wide and high.
const HALF: i32 = 2 * CELL;
/// Space around the pattern, so that round frames cut nothing off.
const MARGIN: i32 = 2;
/// A dot is a disc this much smaller on every side.
const INSET: i32 = 1;

/// Lightness and chroma (OKLCH) of the ground, the soft and the strong shapes. The ground is
/// darker than a light page and lighter than a dark one, so that the tile is seen on both.
const GROUND: (f64, f64) = (0.88, 0.042);
const SOFT: (f64, f64) = (0.755, 0.085);
const STRONG: (f64, f64) = (0.53, 0.095);
/// The hue of the soft shapes is within this many degrees of that of the strong ones.
const HUE_SPREAD: f64 = 55.0;
/// Ways to make some kinds of cells strong but neither none nor all, which would look flat.
const TONES: u8 = 6;

/// The digest that an identity's avatar is drawn from.
pub fn digest(identity: &str) -> [u8; 16] {
    md5::compute(identity).0
}

/// The hues that a person may choose from are whole degrees below this.
pub const HUES: u16 = 360;

/// The avatar of a digest: an SVG document that fills a square of any size. Its strong shapes and
/// its ground have `hue` (degrees), or the digest's own.
pub fn svg(digest: &[u8; 16], hue: Option<u16>) -> String {
    let [high, low, spread, tones, inner, edge, outer, ..] = *digest;
    let own = f64::from(u16::from_be_bytes([high, low])) / 65_536.0 * 360.0;
    let hue = hue.map_or(own, f64::from);
    let other = hue + (f64::from(spread) / 127.5 - 1.0) * HUE_SPREAD;
    let strong_cells = tones % TONES + 1;

    let (mut soft, mut strong) = (String::new(), String::new());
    for (index, byte) in (0..).zip([inner, edge, outer]) {
        let is_strong = strong_cells >> index & 1 == 1;
        let path = if is_strong { &mut strong } else { &mut soft };
        for place in Place::all(index) {
            Shape::of(byte).draw(path, place);
        }
    }
    let (start, side) = (-HALF - MARGIN, 2 * (HALF + MARGIN));
    let ground_fill = hex(GROUND, hue);
    let (soft_fill, strong_fill) = (hex(SOFT, other), hex(STRONG, hue));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"{start} {start} {side} {side}\">\
         <path fill=\"{ground_fill}\" d=\"M{start} {start}h{side}v{side}h-{side}z\"/>\
         <path fill=\"{soft_fill}\" d=\"{soft}\"/>\
         <path fill=\"{strong_fill}\" d=\"{strong}\"/></svg>"
    )
}

/// The picture of a person whose account was deleted: a tile like the others, grey, with the rim of an
/// empty bowl.
pub fn nobody() -> String {
    let (ground, strong) = (hex((GROUND.0, 0.0), 0.0), hex((SOFT.0, 0.0), 0.0));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"-10 -10 20 20\">\
         <path fill=\"{ground}\" d=\"M-10 -10h20v20h-20z\"/>\
         <path fill=\"{strong}\" d=\"M-6 -2h12c0 4.5-2.5 7-6 7s-6-2.5-6-7z\"/></svg>"
    )
}

/// A cell of the pattern: where it is in its quarter, and on which side that is.
///
/// Quarters are mirrored and never turned: turned patterns can look like signs that nobody
/// wants beside their name.
#[derive(Clone, Copy)]
struct Place {
    column: i32,
    row: i32,
    /// 1, or -1 for the quarters on the left.
    right: i32,
    /// 1, or -1 for the quarters above.
    below: i32,
}

impl Place {
    /// All cells of one kind: 0 at the middle, 1 at the edges, 2 in the corners.
    fn all(kind: u8) -> impl Iterator<Item = Place> {
        let cells: &[(i32, i32)] = match kind {
            0 => &[(0, 0)],
            1 => &[(1, 0), (0, 1)],
            _ => &[(1, 1)],
        };
        let sides = [(1, 1), (-1, 1), (-1, -1), (1, -1)];
        cells.iter().flat_map(move |(column, row)| {
            sides.map(|(right, below)| Place {
                column: *column,
                row: *row,
                right,
                below,
            })
        })
    }

    /// A point of the cell, counted from its corner nearest to the middle, in the whole picture.
    fn point(self, (x, y): (i32, i32)) -> (i32, i32) {
        let x = (self.column * CELL + x) * self.right;
        let y = (self.row * CELL + y) * self.below;
        (x, y)
    }

    /// SVG's flag for an arc that is clockwise in the cell.
    fn sweep(self) -> u8 {
        u8::from(self.right == self.below)
    }
}

/// A square of a cell's size or less, its corners rounded by different radii.
struct Shape {
    inset: i32,
    /// Clockwise, from the corner nearest to the middle.
    radii: [i32; 4],
}

impl Shape {
    /// The shape that a byte of the digest stands for. All are their own mirror image about
    /// the diagonal, as the pattern is. Leaves are there twice: they make it one of tea.
    fn of(byte: u8) -> Shape {
        const FULL: i32 = CELL;
        const ROUND: i32 = CELL / 2;
        let (inset, radii) = match byte % 10 {
            0 | 1 => (0, [FULL, 0, FULL, 0]),
            2 | 3 => (0, [0, FULL, 0, FULL]),
            4 => (0, [0, ROUND, ROUND, ROUND]),
            5 => (0, [ROUND, ROUND, 0, ROUND]),
            6 => (0, [0, 0, FULL, 0]),
            7 => (0, [FULL, 0, 0, 0]),
            8 => (0, [ROUND; 4]),
            _ => (INSET, [ROUND - INSET; 4]),
        };
        Shape { inset, radii }
    }

    fn draw(&self, path: &mut String, place: Place) {
        let (low, high) = (self.inset, CELL - self.inset);
        // Each corner with the direction in which its first side goes on, clockwise.
        let corners = [
            ((low, low), (1, 0)),
            ((high, low), (0, 1)),
            ((high, high), (-1, 0)),
            ((low, high), (0, -1)),
        ];
        let mut command = 'M';
        for (((x, y), (dx, dy)), r) in corners.into_iter().zip(self.radii) {
            // The side before a corner comes in a quarter turn back: (dy, -dx).
            let (from_x, from_y) = place.point((x - dy * r, y + dx * r));
            let _ = write!(path, "{command}{from_x} {from_y}");
            if r > 0 {
                let (to_x, to_y) = place.point((x + dx * r, y + dy * r));
                let _ = write!(path, "A{r} {r} 0 0 {} {to_x} {to_y}", place.sweep());
            }
            command = 'L';
        }
        path.push('z');
    }
}

/// An OKLCH colour as sRGB hex; parts that no screen can show are cut.
/// The matrices are those of Björn Ottosson's definition of Oklab.
fn hex((lightness, chroma): (f64, f64), hue: f64) -> String {
    let (sin, cos) = hue.to_radians().sin_cos();
    let (a, b) = (chroma * cos, chroma * sin);
    let l = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let m = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let s = (lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
    let red = 4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s;
    let green = -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s;
    let blue = -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701_0 * s;
    let byte = |linear: f64| {
        let linear = linear.clamp(0.0, 1.0);
        let encoded = if linear <= 0.003_130_8 {
            12.92 * linear
        } else {
            1.055 * linear.powf(1.0 / 2.4) - 0.055
        };
        (encoded * 255.0).round() as u8
    };
    format!("#{:02x}{:02x}{:02x}", byte(red), byte(green), byte(blue))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_same_identity_always_has_the_same_avatar() {
        assert_eq!(svg(&digest("u12"), None), svg(&digest("u12"), None));
        // The first bytes are those of the well-known digest of "a".
        assert_eq!(digest("a")[..4], [0x0c, 0xc1, 0x75, 0xb9]);
    }

    #[test]
    fn other_identities_have_other_avatars() {
        let avatars: BTreeSet<String> = (0..2_000)
            .map(|n| svg(&digest(&format!("u{n}")), None))
            .collect();
        assert_eq!(avatars.len(), 2_000);
    }

    #[test]
    fn a_chosen_hue_changes_the_colours_and_not_the_shapes() {
        let shapes = |svg: &str| {
            svg.split(' ')
                .filter(|part| !part.contains("fill="))
                .collect::<String>()
        };
        let (own, chosen) = (svg(&digest("u12"), None), svg(&digest("u12"), Some(200)));
        assert_ne!(own, chosen);
        assert_eq!(shapes(&own), shapes(&chosen));
        let of = |hue| svg(&digest("u12"), Some(hue));
        assert_eq!(
            (0..HUES).map(of).collect::<BTreeSet<_>>().len(),
            usize::from(HUES)
        );
    }

    #[test]
    fn every_avatar_is_small_and_one_closed_document() {
        let extremes = [0, 2, 4, 6, 7, 0x80, 0xff].map(|byte| [byte; 16]);
        let many = (0..2_000).map(|n| digest(&format!("v{n}")));
        for digest in many.chain(extremes) {
            let svg = svg(&digest, None);
            assert!(svg.len() <= MAX_BYTES, "{} bytes", svg.len());
            assert!(svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>"));
            assert_eq!(svg.matches("<path ").count(), 3);
            assert!(!svg.contains("NaN") && !svg.contains("d=\"\""), "{svg}");
        }
    }

    #[test]
    fn colours_are_the_expected_ones() {
        assert_eq!(hex((1.0, 0.0), 0.0), "#ffffff");
        assert_eq!(hex((0.0, 0.0), 0.0), "#000000");
        // sRGB red, green and blue in OKLCH.
        assert_eq!(hex((0.627_96, 0.257_68), 29.234), "#ff0000");
        assert_eq!(hex((0.866_44, 0.294_83), 142.495), "#00ff00");
        assert_eq!(hex((0.452_01, 0.313_21), 264.052), "#0000ff");
    }

    #[test]
    fn strong_shapes_stand_out_from_the_ground_at_every_hue() {
        let brightness = |colour: String| -> u32 {
            let colour = u32::from_str_radix(colour.trim_start_matches('#'), 16).unwrap();
            let [_, red, green, blue] = colour.to_be_bytes().map(u32::from);
            2 * red + 7 * green + blue
        };
        for hue in 0..360 {
            let ground = brightness(hex(GROUND, hue.into()));
            let strong = brightness(hex(STRONG, hue.into()));
            assert!(ground > strong + 800, "hue {hue}: {ground} {strong}");
        }
    }
}
