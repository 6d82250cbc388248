use ab_glyph::FontRef;
use image::{Rgb, RgbImage};
use imageproc::drawing::{draw_text_mut, text_size};

use crate::Error;

pub(crate) const BLACK: Rgb<u8> = Rgb([0, 0, 0]);
pub(crate) const GREY: Rgb<u8> = Rgb([90, 90, 90]);

/// Text too wide is drawn smaller, but not below this part of its size; then it is shortened.
const SMALLEST: f32 = 0.75;
/// Characters looked at, far more than fit in any panel.
const MAX_CHARS: usize = 512;

/// DejaVu Sans, embedded in the program.
pub(crate) fn font() -> Result<FontRef<'static>, Error> {
    FontRef::try_from_slice(dejavu::sans::regular()).map_err(|error| Error::Font(Box::new(error)))
}

/// One line of text, measured.
pub(crate) struct Line<'a> {
    font: &'a FontRef<'static>,
    content: String,
    size_px: f32,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl<'a> Line<'a> {
    pub(crate) fn new(font: &'a FontRef<'static>, content: &str, size_px: f32) -> Line<'a> {
        let content: String = content
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let (width, height) = text_size(size_px, font, &content);
        Line {
            font,
            content,
            size_px,
            width,
            height,
        }
    }

    /// At most `max_width` wide: smaller, then with an ellipsis for its middle, because the end of an
    /// identifier tells slices apart.
    pub(crate) fn fit(
        font: &'a FontRef<'static>,
        content: &str,
        size_px: f32,
        max_width: u32,
    ) -> Line<'a> {
        let mut chars: Vec<char> = content.chars().take(MAX_CHARS).collect();
        let full: String = chars.iter().collect();
        let mut line = Line::new(font, &full, size_px);
        if line.width <= max_width {
            return line;
        }
        let shrunk = (max_width as f32 / line.width as f32).max(SMALLEST) * size_px;
        line = Line::new(font, &full, shrunk);
        while line.width > max_width && chars.len() > 2 {
            chars.remove(chars.len() / 2);
            let (head, tail) = chars.split_at(chars.len() / 2);
            let short: String = head.iter().chain(&['…']).chain(tail).collect();
            line = Line::new(font, &short, shrunk);
        }
        line
    }

    /// Draws the line with its top left corner at `(x, y)`; what lies outside the image is left out.
    pub(crate) fn draw(&self, image: &mut RgbImage, color: Rgb<u8>, x: u32, y: u32) {
        draw_text_mut(
            image,
            color,
            x.cast_signed(),
            y.cast_signed(),
            self.size_px,
            self.font,
            &self.content,
        );
    }
}

/// Text over as many lines as its width needs, measured.
pub(crate) struct Paragraph<'a> {
    lines: Vec<Line<'a>>,
    /// From one line to the next.
    step: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl<'a> Paragraph<'a> {
    /// Breaks `content` between words; only a word that is too wide by itself is drawn smaller.
    pub(crate) fn new(
        font: &'a FontRef<'static>,
        content: &str,
        size_px: f32,
        max_width: u32,
    ) -> Paragraph<'a> {
        let content: String = content.chars().take(MAX_CHARS).collect();
        let mut texts: Vec<String> = Vec::new();
        for word in content.split_whitespace() {
            let longer = texts.last().map(|text| format!("{text} {word}"));
            match longer.filter(|text| Line::new(font, text, size_px).width <= max_width) {
                Some(longer) => {
                    texts.pop();
                    texts.push(longer);
                }
                None => texts.push(word.to_owned()),
            }
        }
        let lines: Vec<Line<'_>> = texts
            .iter()
            .map(|text| Line::fit(font, text, size_px, max_width))
            .collect();
        let step = (size_px * 1.25).round() as u32;
        let widths = lines.iter().map(|line| line.width);
        Paragraph {
            step,
            width: widths.max().unwrap_or(0),
            height: lines.len() as u32 * step,
            lines,
        }
    }

    /// Draws the lines below one another with the top left corner of the first at `(x, y)`.
    pub(crate) fn draw(&self, image: &mut RgbImage, color: Rgb<u8>, x: u32, y: u32) {
        for (at, line) in (0..).zip(&self.lines) {
            line.draw(image, color, x, y + at * self.step);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_shortened_in_the_middle() {
        let font = font().unwrap();
        let uid = "1.2.276.0.7230010.3.1.4.296485376.1.1521713007.1700822";
        let line = Line::fit(&font, uid, 14.0, 200);
        assert!(line.width <= 200);
        assert!(line.content.starts_with("1.2.276.0.7"));
        assert!(line.content.contains('…'));
        assert!(line.content.ends_with("1700822"));
    }

    #[test]
    fn short_text_keeps_its_size() {
        let font = font().unwrap();
        let line = Line::fit(&font, "Explanation", 18.0, 256);
        assert_eq!(line.size_px, 18.0);
    }

    #[test]
    fn line_breaks_become_spaces() {
        let font = font().unwrap();
        assert_eq!(Line::new(&font, "a\r\nb", 12.0).content, "a  b");
    }

    #[test]
    fn endless_text_in_no_space_ends() {
        let font = font().unwrap();
        let line = Line::fit(&font, &"long ".repeat(100_000), 12.0, 1);
        assert_eq!(line.content.chars().count(), 3);
    }

    #[test]
    fn a_paragraph_keeps_every_word() {
        let font = font().unwrap();
        let notice = "Research use only. Not a medical device, not for clinical use.";
        for max_width in [60, 90, 150, 1000] {
            let paragraph = Paragraph::new(&font, notice, 13.0, max_width);
            let lines = paragraph.lines.iter().map(|line| line.content.as_str());
            assert_eq!(lines.collect::<Vec<_>>().join(" "), notice, "{max_width}");
            assert!(paragraph.width <= max_width);
        }
        let wide = Paragraph::new(&font, notice, 13.0, 1000);
        assert_eq!(wide.lines.len(), 1);
        let narrow = Paragraph::new(&font, notice, 13.0, 150);
        assert_eq!(narrow.height, narrow.lines.len() as u32 * wide.height);
        assert!(narrow.lines.len() > 2);
    }

    #[test]
    fn a_paragraph_of_nothing_has_no_height() {
        let font = font().unwrap();
        assert_eq!(Paragraph::new(&font, " ", 13.0, 100).height, 0);
    }
}
