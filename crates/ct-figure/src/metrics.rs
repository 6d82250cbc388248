/// Sizes in pixels of what stands around the images.
#[derive(Clone, Copy)]
pub(crate) struct Metrics {
    /// Around the figure.
    pub(crate) margin: u32,
    /// Between two panels.
    pub(crate) gap: u32,
    /// Between a caption and its title.
    pub(crate) caption_gap: u32,
    /// Between a title and its image.
    pub(crate) title_gap: u32,
    /// Space a title may use where the image is narrower.
    pub(crate) title_width: u32,
    /// Between an image and its legend.
    pub(crate) legend_gap: u32,
    /// Space a legend may use where the image is narrower.
    pub(crate) legend_width: u32,
    /// Of each of the strips of the colour bar.
    pub(crate) strip_height: u32,
    pub(crate) tick_length: u32,
    /// Below the tick marks, and between the numbers.
    pub(crate) tick_gap: u32,
    pub(crate) title_text: f32,
    /// Captions, notes and legends.
    pub(crate) caption_text: f32,
    pub(crate) footer_text: f32,
}

impl Metrics {
    /// Metrics for panels whose longest side is this long: larger images get larger text.
    pub(crate) fn for_side(longest_side: u32) -> Metrics {
        let scale = (longest_side as f32 / 512.0).clamp(1.0, 4.0);
        let px = |size: f32| (size * scale).round() as u32;
        Metrics {
            margin: px(16.0),
            gap: px(22.0),
            caption_gap: px(3.0),
            title_gap: px(6.0),
            title_width: px(160.0),
            legend_gap: px(8.0),
            legend_width: px(240.0),
            strip_height: px(6.0),
            tick_length: px(4.0),
            tick_gap: px(4.0),
            title_text: 19.0 * scale,
            caption_text: 14.0 * scale,
            footer_text: 13.0 * scale,
        }
    }
}
