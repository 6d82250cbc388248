use image::RgbImage;

/// What was drawn, and how its colours are to be read.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Figure {
    /// The picture.
    pub image: RgbImage,
    /// Full colour stands for plus and minus this score; none without a map.
    pub scale: Option<f32>,
}
