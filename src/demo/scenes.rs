//! Pictures for a demo, drawn from a few numbers: hills in the mist, a lake at night, a bowl of tea. None is a
//! photo of anybody's.

use std::f32::consts::PI;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::{FilterType, resize};
use image::{Rgb, RgbImage};

use super::dice::Dice;

/// The long edge in pixels, as it is drawn: there is nothing fine in these pictures.
const LONG: u32 = 450;
/// The short edge.
const SHORT: u32 = 300;
/// How much larger they are made then.
const LARGER: u32 = 2;

/// What a picture shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scene {
    /// Hills behind hills, in the mist.
    Hills,
    /// A lake with the moon in it.
    Lake,
    /// A bowl of tea.
    Bowl,
}

impl Scene {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Hills, Self::Lake, Self::Bowl];

    /// Draws one, as a JPEG.
    ///
    /// # Errors
    /// When it cannot be encoded.
    pub fn draw(self, dice: &mut Dice) -> anyhow::Result<Vec<u8>> {
        let (width, height) = match self {
            Self::Bowl => (SHORT, LONG),
            Self::Hills | Self::Lake => (LONG, SHORT),
        };
        let mut image = RgbImage::new(width, height);
        match self {
            Self::Hills => hills(&mut image, dice),
            Self::Lake => lake(&mut image, dice),
            Self::Bowl => bowl(&mut image, dice),
        }
        let large = resize(
            &image,
            width * LARGER,
            height * LARGER,
            FilterType::CatmullRom,
        );
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, 85).encode_image(&large)?;
        Ok(bytes)
    }
}

/// Red, green and blue, 0 to 1.
type Colour = [f32; 3];

fn mix(from: Colour, to: Colour, share: f32) -> Colour {
    let share = share.clamp(0.0, 1.0);
    [0, 1, 2].map(|part: usize| {
        let (from, to) = (from.get(part), to.get(part));
        let (from, to) = (from.copied().unwrap_or(0.0), to.copied().unwrap_or(0.0));
        from + (to - from) * share
    })
}

/// 0 well below the edge, 1 well above it, soft over `width` between.
fn soft(distance: f32, width: f32) -> f32 {
    (distance / width + 0.5).clamp(0.0, 1.0)
}

/// Colours each pixel by its place, 0 to 1 from left to right and from top to bottom.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to a byte"
)]
fn paint(image: &mut RgbImage, colour: impl Fn(f32, f32) -> Colour) {
    let (width, height) = (image.width() as f32, image.height() as f32);
    for (x, y, pixel) in image.enumerate_pixels_mut() {
        let colour = colour(x as f32 / width, y as f32 / height);
        *pixel = Rgb(colour.map(|part| (part * 255.0).clamp(0.0, 255.0) as u8));
    }
}

/// A line that goes up and down, from three waves.
struct Ridge {
    height: f32,
    waves: [(f32, f32, f32); 3],
}

impl Ridge {
    fn draw(height: f32, steepness: f32, dice: &mut Dice) -> Self {
        let waves = [1.3, 3.1, 7.7].map(|pace: f32| {
            let shift = dice.share() as f32 * 2.0 * PI;
            let size = steepness / pace * (0.6 + dice.share() as f32);
            (
                pace * (0.8 + dice.share() as f32 * 0.4) * 2.0 * PI,
                shift,
                size,
            )
        });
        Self { height, waves }
    }

    fn at(&self, x: f32) -> f32 {
        let waves = self.waves.iter();
        let sum: f32 = waves
            .map(|(pace, shift, size)| (x * pace + shift).sin() * size)
            .sum();
        self.height + sum
    }
}

fn hills(image: &mut RgbImage, dice: &mut Dice) {
    const SKIES: [(Colour, Colour, Colour); 4] = [
        ([0.98, 0.84, 0.68], [0.60, 0.73, 0.86], [0.13, 0.28, 0.24]),
        ([0.99, 0.93, 0.80], [0.74, 0.84, 0.80], [0.10, 0.33, 0.22]),
        ([0.96, 0.72, 0.66], [0.46, 0.52, 0.74], [0.17, 0.16, 0.30]),
        ([0.94, 0.96, 0.94], [0.62, 0.76, 0.82], [0.15, 0.30, 0.36]),
    ];
    let (low, high, near) = dice.pick(&SKIES).copied().unwrap_or(SKIES[0]);
    let sun = (
        0.2 + dice.share() as f32 * 0.6,
        0.2 + dice.share() as f32 * 0.15,
    );
    let count = 5;
    let ridges: Vec<Ridge> = (0..count)
        .map(|number| {
            let share = number as f32 / (count - 1) as f32;
            Ridge::draw(0.42 + share * 0.42, 0.10 - share * 0.03, dice)
        })
        .collect();
    paint(image, |x, y| {
        let mut colour = mix(high, low, y / 0.6);
        let far = ((x - sun.0) * 1.5).hypot(y - sun.1);
        colour = mix(colour, [1.0, 0.97, 0.88], soft(0.055 - far, 0.004));
        colour = mix(colour, [1.0, 0.95, 0.82], 0.35 * (1.0 - far / 0.4));
        for (number, ridge) in ridges.iter().enumerate() {
            let share = (number + 1) as f32 / count as f32;
            let below = y - ridge.at(x);
            // Mist lies in the valleys: each hill is paler at its foot.
            let hill = mix(low, near, share * 0.9);
            let hill = mix(hill, low, (below * 1.6).min(0.55) * (1.0 - share * 0.6));
            colour = mix(colour, hill, soft(below, 0.003));
        }
        colour
    });
}

fn lake(image: &mut RgbImage, dice: &mut Dice) {
    let moon = (0.25 + dice.share() as f32 * 0.5, 0.22);
    let shore = Ridge::draw(0.50, 0.05, dice);
    const WATER: f32 = 0.56;
    let sky = |x: f32, y: f32| {
        let mut colour = mix([0.05, 0.08, 0.20], [0.24, 0.33, 0.50], y / WATER);
        let far = ((x - moon.0) * 1.5).hypot(y - moon.1);
        colour = mix(colour, [0.97, 0.95, 0.86], 0.3 * (1.0 - far / 0.35));
        colour = mix(colour, [0.99, 0.98, 0.92], soft(0.06 - far, 0.004));
        mix(colour, [0.04, 0.07, 0.12], soft(y - shore.at(x), 0.003))
    };
    paint(image, |x, y| {
        if y < WATER {
            return sky(x, y);
        }
        // What is above stands upside down in the water, broken by small waves.
        let depth = y - WATER;
        let wave = (y * 260.0 + (x * 40.0).sin() * 1.5).sin() * 0.012 * (0.2 + depth * 2.0);
        let mirrored = sky((x + wave).clamp(0.0, 1.0), (WATER - depth * 0.95).max(0.0));
        mix(mirrored, [0.03, 0.08, 0.14], 0.25 + depth * 0.5)
    });
    for _ in 0..60 {
        let (x, y) = (
            dice.below(image.width() as usize),
            dice.below(image.height() as usize * 2 / 5),
        );
        let (x, y) = (u32::try_from(x).unwrap_or(0), u32::try_from(y).unwrap_or(0));
        if y < (shore.at(x as f32 / image.width() as f32) * image.height() as f32) as u32 {
            image.put_pixel(x, y, Rgb([220, 225, 240]));
        }
    }
}

fn bowl(image: &mut RgbImage, dice: &mut Dice) {
    const TEAS: [(Colour, Colour); 4] = [
        ([0.78, 0.80, 0.42], [0.93, 0.94, 0.90]),
        ([0.80, 0.44, 0.14], [0.30, 0.42, 0.50]),
        ([0.52, 0.18, 0.08], [0.90, 0.88, 0.84]),
        ([0.86, 0.70, 0.30], [0.26, 0.24, 0.23]),
    ];
    let (tea, clay) = dice.pick(&TEAS).copied().unwrap_or(TEAS[0]);
    let table = [0.42 + dice.share() as f32 * 0.2, 0.30, 0.20];
    let leaves: Vec<(f32, f32, f32)> = (0..5)
        .map(|_| {
            let place = |dice: &mut Dice| dice.share() as f32 - 0.5;
            (
                0.5 + place(dice) * 0.34,
                0.53 + place(dice) * 0.13,
                dice.share() as f32 * PI,
            )
        })
        .collect();
    // How far outside of a lying ellipse a place is, in parts of its width.
    let out = |x: f32, y: f32, middle: f32, wide: f32| {
        ((x - 0.5) / wide).hypot((y - middle) * 1.5 / (wide * 0.62)) - 1.0
    };
    paint(image, |x, y| {
        let grain = ((y * 90.0 + (x * 7.0).sin() * 2.0).sin() * 0.5 + 0.5) * 0.06;
        let light = 1.08 - (x - 0.2).hypot(y - 0.1) * 0.45;
        let mut colour = table.map(|part| (part + grain) * light);
        let shadow = out(x - 0.05, y - 0.10, 0.60, 0.40);
        colour = mix(colour, [0.10, 0.06, 0.05], 0.55 * soft(-shadow, 0.35));
        // The wall: what lies between the rim and the foot.
        let half = 0.40 - ((y - 0.53).max(0.0) * 1.15).powi(2) * 3.2;
        let wall = (half - (x - 0.5).abs()).min(0.80 - y).min(y - 0.50);
        let round = 1.0 - ((x - 0.42) / 0.5).powi(2);
        colour = mix(
            colour,
            clay.map(|part| part * (0.45 + 0.6 * round)),
            soft(wall, 0.004),
        );
        colour = mix(
            colour,
            clay.map(|part| part * 1.06),
            soft(-out(x, y, 0.53, 0.41), 0.01),
        );
        let inside = clay.map(|part| part * (0.62 + 0.3 * x));
        colour = mix(colour, inside, soft(-out(x, y, 0.53, 0.385), 0.01));
        let surface = out(x, y, 0.555, 0.345);
        let shine = 0.35 * soft(-out(x - 0.09, y + 0.05, 0.54, 0.10), 0.9);
        let liquid = mix(
            tea.map(|part| part * (0.75 + 0.35 * x)),
            [1.0, 0.98, 0.92],
            shine,
        );
        colour = mix(colour, liquid, soft(-surface, 0.01));
        for (middle, height, turn) in &leaves {
            let (across, along) = (x - middle, (y - height) * 1.5);
            let (sine, cosine) = turn.sin_cos();
            let far = ((across * cosine + along * sine) / 0.032)
                .hypot((along * cosine - across * sine) / 0.009);
            colour = mix(colour, [0.16, 0.22, 0.09], 0.85 * soft(1.0 - far, 0.2));
        }
        let drift = (y * 11.0).sin() * 0.03 * (1.0 - y);
        for place in [0.44, 0.57] {
            let far = (x - place - drift).abs();
            let rising = ((0.46 - y) / 0.4).clamp(0.0, 1.0) * soft(y - 0.06, 0.3);
            colour = mix(
                colour,
                [1.0, 1.0, 1.0],
                0.22 * rising * soft(0.03 - far, 0.07),
            );
        }
        colour
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scene_is_a_picture_and_another_with_other_numbers() {
        for scene in Scene::ALL {
            let drawn = |seed| scene.draw(&mut Dice::new(seed)).unwrap();
            let first = drawn(1);
            assert!(first == drawn(1) && first != drawn(2), "{scene:?}");
            let image = image::load_from_memory(&first).unwrap().to_rgb8();
            let (width, height) = image.dimensions();
            assert_eq!(width.max(height), LONG * LARGER);
            let corner = image.get_pixel(0, 0);
            let others = image.pixels().filter(|pixel| *pixel != corner).count();
            assert!(others > 200_000, "{scene:?}: {others}");
        }
    }
}
