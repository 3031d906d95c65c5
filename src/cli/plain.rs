//! Text for a terminal: paragraphs that fit the width, and the little Markdown of doc comments without its marks.

/// Breaks a paragraph into lines of at most so many columns; every line but the first begins with `indent`.
pub(super) fn wrap(text: &str, columns: usize, indent: &str) -> String {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > columns {
            lines.push(indent.to_owned());
            used = indent.chars().count();
        } else if used > 0 {
            if let Some(line) = lines.last_mut() {
                line.push(' ');
            }
            used += 1;
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(word);
        }
        used += length;
    }
    lines.join("\n")
}

/// What a block of Markdown is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    Heading,
    Item,
    Paragraph,
}

/// Renders Markdown as it stands in doc comments: headings, and below them paragraphs, lists and bold.
pub(super) fn markdown(source: &str, columns: usize) -> String {
    let mut text = String::new();
    let mut before = None;
    for (block, words) in blocks(source) {
        // A blank line before each heading and paragraph, none within a list or after a heading.
        text.push_str(match (before, block) {
            (None, _) => "",
            (Some(Block::Heading), _) | (Some(Block::Item), Block::Item) => "\n",
            _ => "\n\n",
        });
        let words = words.replace("**", "");
        let (margin, indent) = match block {
            Block::Heading => ("", ""),
            Block::Item => ("  ", "    "),
            Block::Paragraph => ("  ", "  "),
        };
        text.push_str(margin);
        text.push_str(&wrap(&words, columns.saturating_sub(margin.len()), indent));
        before = Some(block);
    }
    text
}

/// The blocks of a text, each with its lines joined.
fn blocks(source: &str) -> Vec<(Block, String)> {
    let mut blocks: Vec<(Block, String)> = Vec::new();
    let mut open = false;
    for line in source.lines().map(str::trim) {
        if let Some(heading) = line.strip_prefix("## ") {
            blocks.push((Block::Heading, heading.to_owned()));
            open = false;
        } else if line.is_empty() {
            open = false;
        } else if line.starts_with("- ") {
            blocks.push((Block::Item, line.to_owned()));
            open = true;
        } else if let Some((_, words)) = blocks.last_mut().filter(|_| open) {
            words.push(' ');
            words.push_str(line);
        } else {
            blocks.push((Block::Paragraph, line.to_owned()));
            open = true;
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_fit_the_width() {
        assert_eq!(wrap("one two three four", 9, "  "), "one two\n  three\n  four");
        assert_eq!(wrap("  one\n two ", 80, ""), "one two");
        assert_eq!(wrap("incomprehensibilities", 5, ""), "incomprehensibilities");
        assert_eq!(wrap("", 5, ""), "");
    }

    #[test]
    fn markdown_loses_its_marks_and_keeps_its_shape() {
        let source = " ## Why\n A status is\n looked at once.\n\n ## Results\n - **pass**: `Approved`, and the\n   rest\n - **fail**: not\n";
        let narrow =
            "Why\n  A status is looked\n  at once.\n\nResults\n  - pass: `Approved`,\n    and the rest\n  - fail: not";
        assert_eq!(markdown(source, 22), narrow);
        let wide = "Why\n  A status is looked at once.\n\nResults\n  - pass: `Approved`, and the rest\n  - fail: not";
        assert_eq!(markdown(source, 40), wide);
    }
}
