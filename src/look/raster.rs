//! Pixels, 8 bits a sample, in the colours of screens: made smaller, turned, brought from other colours.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::metadata::Orientation;
use image::{DynamicImage, RgbImage, RgbaImage};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

/// Longest edge that a placeholder is made of, in pixels: more does not change it.
const PLACEHOLDER: u32 = 100;

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

    fn reduced(&self, edge: u32) -> Option<Self> {
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
        let mut to = Image::new(width, height, kind);
        let cubic = ResizeAlg::Convolution(FilterType::CatmullRom);
        let options = ResizeOptions::new().resize_alg(cubic);
        Resizer::new().resize(&from, &mut to, &options).ok()?;
        Some(Self {
            width,
            height,
            alpha: self.alpha,
            bytes: to.into_vec(),
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
