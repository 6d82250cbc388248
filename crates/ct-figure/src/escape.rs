use std::fmt::Write;

use serde::Serialize;

use crate::Error;

/// Text for an HTML element or a quoted attribute.
pub(crate) fn html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// JSON for a `<script>` element, on one line.
///
/// The characters that could end or change the element, or end a line of JavaScript, occur only inside the
/// strings of JSON, where `\u` may stand for them.
pub(crate) fn json_in_script(value: &impl Serialize) -> Result<String, Error> {
    let json = serde_json::to_string(value).map_err(|error| Error::Json(Box::new(error)))?;
    let special = |c| matches!(c, '<' | '>' | '&' | '\u{2028}' | '\u{2029}');
    let mut escaped = String::with_capacity(json.len());
    let mut rest = json.as_str();
    while let Some(at) = rest.find(special) {
        let (plain, tail) = rest.split_at(at);
        escaped.push_str(plain);
        let mut chars = tail.chars();
        if let Some(c) = chars.next() {
            // Writing to a string cannot fail.
            let _ = write!(escaped, "\\u{:04x}", u32::from(c));
        }
        rest = chars.as_str();
    }
    escaped.push_str(rest);
    Ok(escaped)
}

/// Puts values in the places `{{name}}` of a template, in one pass: braces within a value stay text. A
/// name without a value is left out.
pub(crate) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut parts = template.split("{{");
    let mut page = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, text) = part.split_once("}}").unwrap_or(("", part));
        let value = values.iter().find(|(candidate, _)| *candidate == name);
        page.push_str(value.map_or("", |(_, value)| value));
        page.push_str(text);
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "</script><img src=x onerror=alert(1)> \"'& \u{2028}\u{2029}\0é…𝄞";

    #[test]
    fn html_has_no_markup_left() {
        assert_eq!(
            html("<a href=\"x\" id='y'>&amp;"),
            "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;"
        );
        assert_eq!(html("Größe 3 µm"), "Größe 3 µm");
    }

    #[test]
    fn json_in_a_script_cannot_end_it_and_means_the_same() {
        let json = json_in_script(&[HOSTILE, "<!--"]).unwrap();
        assert!(!json.contains(['<', '>', '&', '\u{2028}', '\u{2029}', '\n']));
        assert!(json.starts_with(r#"["\u003c/script\u003e\u003cimg src=x"#));
        let back: Vec<String> = serde_json::from_str(&json).unwrap();
        assert_eq!(back, [HOSTILE, "<!--"]);
    }

    #[test]
    fn a_value_with_a_place_in_it_stays_text() {
        let page = fill(
            "<{{a}}|{{b}}|{{none}}>",
            &[("a", "{{b}}"), ("b", "two }} {{")],
        );
        assert_eq!(page, "<{{b}}|two }} {{|>");
    }
}
