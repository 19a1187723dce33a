//! Words and numbers.

use std::sync::OnceLock;

pub use shim::one_line;

/// The width of the output in cells: that of the terminal or of `COLUMNS`, at most 100, which suits a
/// log, and at least 80, which a ladder needs.
pub fn width() -> usize {
    static WIDTH: OnceLock<usize> = OnceLock::new();
    *WIDTH.get_or_init(|| {
        let said = std::env::var("COLUMNS").ok();
        let said = said.and_then(|columns| columns.parse().ok());
        let terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        said.or_else(terminal).unwrap_or(100).clamp(80, 100)
    })
}

/// `3,184`.
pub fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(c);
    }
    text
}

/// `1 instance`, `2 instances`.
pub fn count(n: usize, one: &str, many: &str) -> String {
    format!("{} {}", thousands(n), if n == 1 { one } else { many })
}

/// `text` in lines of at most `width` characters, all but the first indented by `indent` spaces.
pub fn wrap(text: &str, width: usize, indent: usize) -> String {
    let mut out = String::new();
    let mut column = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > width.saturating_sub(indent) {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            column = 0;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out
}

/// A bar of `width` cells of which the share of `full` in `all` is dark.
pub fn bar(full: usize, all: usize, width: usize) -> String {
    let dark = match all {
        0 => 0,
        // Only a complete bar looks complete.
        _ if full == all => width,
        _ => (full * width / all).min(width - 1),
    };
    format!("{}{}", "█".repeat(dark), "▒".repeat(width - dark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_separators_every_three_digits() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(1000), "1,000");
        assert_eq!(thousands(1_234_567), "1,234,567");
    }

    #[test]
    fn a_bar_is_full_only_if_everything_is() {
        assert_eq!(bar(999, 1000, 4), "███▒");
        assert_eq!(bar(1, 1, 4), "████");
        assert_eq!(bar(0, 0, 4), "▒▒▒▒");
    }
}
