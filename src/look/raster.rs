//! Pixels, 8 bits a sample, in the colours of screens: made smaller, turned, brought from other colours.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::metadata::Orientation;
use image::{DynamicImage, RgbImage, RgbaImage};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

/// Longest edge that a placeholder is made of, in pixels: more does not change it.
const PLACEHOLDER: u32 = 100;

/// Rows that are made at a time. What lies between the steps of 128 rows of a photo fits the cache of a core: a third faster
/// than all rows at once, to the same pixels.
const BAND: usize = 128;

/// A picture of three samples a pixel, or of four where some of it is transparent.
#[derive(Debug, Clone)]
pub(super) struct Raster {
    pub width: u32,
    pub height: u32,
    /// Whether there are four samples a pixel, the last its opacity.
    pub alpha: bool,
    /// Row by row, without gaps.
    pub bytes: Vec<u8>,
}

impl Raster {
    /// Takes what was decoded. Transparency that no pixel uses goes.
    pub fn new(image: DynamicImage) -> Self {
        let (width, height) = (image.width(), image.height());
        let alpha = image.color().has_alpha();
        let bytes = if alpha {
            image.into_rgba8().into_raw()
        } else {
            image.into_rgb8().into_raw()
        };
        let raster = Self {
            width,
            height,
            alpha,
            bytes,
        };
        if alpha && raster.is_opaque() {
            return raster.without_alpha();
        }
        raster
    }

    fn is_opaque(&self) -> bool {
        let (pixels, _rest) = self.bytes.as_chunks::<4>();
        pixels.iter().all(|[_, _, _, alpha]| *alpha == u8::MAX)
    }

    fn without_alpha(self) -> Self {
        let (pixels, _rest) = self.bytes.as_chunks::<4>();
        let colours = pixels
            .iter()
            .flat_map(|[red, green, blue, _]| [*red, *green, *blue]);
        Self {
            bytes: colours.collect(),
            alpha: false,
            ..self
        }
    }

    /// The longer of both edges, in pixels.
    pub fn edge(&self) -> u32 {
        self.width.max(self.height)
    }

    /// The same picture with no edge longer than this, in pixels; never enlarged.
    pub fn within(self, edge: u32) -> Option<Self> {
        if self.edge() <= edge {
            Some(self)
        } else {
            self.reduced(edge)
        }
    }

    /// The same picture with the longer edge so long, in pixels: less than it is.
    pub fn reduced(&self, edge: u32) -> Option<Self> {
        let scale = |side: u32| {
            let exact = f64::from(side) * f64::from(edge) / f64::from(self.edge());
            // Less than `edge`, so nothing is cut off.
            (exact.round() as u32).max(1)
        };
        let (width, height) = (scale(self.width), scale(self.height));
        let kind = if self.alpha {
            PixelType::U8x4
        } else {
            PixelType::U8x3
        };
        let from = ImageRef::new(self.width, self.height, &self.bytes, kind).ok()?;
        let row = width as usize * kind.size();
        let mut bytes = vec![0; row * height as usize];
        let mut resizer = Resizer::new();
        let scale = f64::from(self.height) / f64::from(height);
        for (number, band) in bytes.chunks_mut(row * BAND).enumerate() {
            let rows = band.len() / row;
            let top = (number * BAND) as f64 * scale;
            let mut to = Image::from_slice_u8(width, rows as u32, band, kind).ok()?;
            // The last one must not end beyond the picture by a rounding error.
            let high = (rows as f64 * scale).min(f64::from(self.height) - top);
            let options = ResizeOptions::new()
                .resize_alg(ResizeAlg::Convolution(FilterType::CatmullRom))
                .crop(0.0, top, f64::from(self.width), high);
            resizer.resize(&from, &mut to, &options).ok()?;
        }
        Some(Self {
            width,
            height,
            alpha: self.alpha,
            bytes,
        })
    }

    /// Turned as a camera said that it was held.
    pub fn turned(self, orientation: Orientation) -> Option<Self> {
        if orientation == Orientation::NoTransforms {
            return Some(self);
        }
        let alpha = self.alpha;
        let mut image = if alpha {
            DynamicImage::ImageRgba8(RgbaImage::from_raw(self.width, self.height, self.bytes)?)
        } else {
            DynamicImage::ImageRgb8(RgbImage::from_raw(self.width, self.height, self.bytes)?)
        };
        image.apply_orientation(orientation);
        Some(Self {
            width: image.width(),
            height: image.height(),
            alpha,
            bytes: image.into_bytes(),
        })
    }

    /// In the colours of sRGB, if there is a profile that can be read and speaks of red, green and blue.
    pub fn in_srgb(self, profile: Option<&[u8]>) -> Self {
        match profile.and_then(|profile| self.converted(profile)) {
            Some(bytes) => Self { bytes, ..self },
            None => self,
        }
    }

    fn converted(&self, profile: &[u8]) -> Option<Vec<u8>> {
        let profile = ColorProfile::new_from_slice(profile).ok()?;
        if profile.color_space != DataColorSpace::Rgb {
            return None;
        }
        let layout = if self.alpha {
            Layout::Rgba
        } else {
            Layout::Rgb
        };
        let screen = ColorProfile::new_srgb();
        let options = TransformOptions::default();
        let transform = profile.create_transform_8bit(layout, &screen, layout, options);
        let mut bytes = vec![0; self.bytes.len()];
        transform.ok()?.transform(&self.bytes, &mut bytes).ok()?;
        Some(bytes)
    }

    /// Its placeholder: a thumbhash.
    pub fn placeholder(&self) -> Option<Vec<u8>> {
        let small = if self.edge() > PLACEHOLDER {
            self.reduced(PLACEHOLDER)?
        } else {
            self.clone()
        };
        let pixels = if small.alpha {
            small.bytes
        } else {
            let (pixels, _rest) = small.bytes.as_chunks::<3>();
            let opaque = pixels
                .iter()
                .flat_map(|[red, green, blue]| [*red, *green, *blue, u8::MAX]);
            opaque.collect()
        };
        let width = usize::try_from(small.width).ok()?;
        let height = usize::try_from(small.height).ok()?;
        Some(thumbhash::rgba_to_thumb_hash(width, height, &pixels))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_seam_between_the_bands() {
        let (width, height) = (301, 1_403);
        let noise = |n: usize| (n.wrapping_mul(2_654_435_761) >> 13) as u8;
        let raster = Raster {
            width,
            height,
            alpha: false,
            bytes: (0..301 * 1_403 * 3).map(noise).collect(),
        };
        let reduced = raster.reduced(700).unwrap();
        assert_eq!((reduced.width, reduced.height), (150, 700));
        let from = ImageRef::new(width, height, &raster.bytes, PixelType::U8x3).unwrap();
        let mut whole = Image::new(150, 700, PixelType::U8x3);
        let cubic = ResizeAlg::Convolution(FilterType::CatmullRom);
        let options = ResizeOptions::new().resize_alg(cubic);
        Resizer::new().resize(&from, &mut whole, &options).unwrap();
        assert!(reduced.bytes == whole.into_vec());
    }
}
