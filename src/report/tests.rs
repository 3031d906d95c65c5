//! Every format over the same reports.

use super::sample::{HOSTILE, bank, blank, denied, hostile, large, many, organization};
use super::text::Style;
use super::*;
use crate::control::Status;
use crate::sha256::Sha256;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const PLAIN: Style = Style { width: 120, colour: false };

fn rendered(report: &Report, format: Format) -> String {
    String::from_utf8(render(report, format).unwrap()).unwrap()
}

#[test]
fn the_document_survives_a_round_trip() {
    for report in [bank(), hostile(), blank(), denied()] {
        let json = rendered(&report, Format::Json);
        assert!(json.ends_with("}\n"));
        let back: Report = serde_json::from_str(&json).unwrap();
        assert_eq!(back, report);
        assert_eq!(rendered(&back, Format::Json), json);
    }
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    for format in Format::ALL {
        assert_eq!(render(&bank(), format).unwrap(), render(&bank(), format).unwrap(), "{format:?}");
    }
}

/// `UPDATE=1` writes the file.
#[test]
fn the_schema_is_the_one_in_the_repository() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/report/countersign.report.schema.json");
    let schema = format!("{}\n", serde_json::to_string_pretty(&schema()).unwrap());
    #[allow(clippy::disallowed_methods, reason = "whether to write the file is asked of whoever runs the test")]
    if std::env::var("UPDATE").is_ok() {
        std::fs::write(&path, &schema).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), schema, "run the test with UPDATE=1");
}

#[test]
fn every_report_validates_against_the_schema() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for report in [bank(), hostile(), blank(), denied()] {
        let document = serde_json::to_value(&report).unwrap();
        let errors: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
    let mut broken = serde_json::to_value(bank()).unwrap();
    broken["live_versions"][0]["readiness"]["verdict"] = "perhaps".into();
    assert!(!validator.is_valid(&broken));
}

#[test]
fn csv_reads_back_as_one_row_a_finding_and_no_formula() {
    for report in [bank(), hostile()] {
        let bytes = render(&report, Format::Csv).unwrap();
        let mut reader = ::csv::Reader::from_reader(bytes.as_slice());
        let width = reader.headers().unwrap().len();
        let rows: Vec<::csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), report.findings.len());
        for (row, finding) in rows.iter().zip(&report.findings) {
            assert_eq!(row.len(), width);
            let subject = row.get(10).unwrap();
            assert_eq!(subject, csv::cell(&finding.subject.name));
            for cell in row {
                assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
                assert_inert(cell);
            }
        }
    }
}

/// No terminal sequence, no reordering, no invisible character.
fn assert_inert(text: &str) {
    let bad = text.chars().find(|c| {
        (c.is_control() && *c != '\n')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    });
    assert_eq!(bad, None, "in {text:?}");
}

#[test]
fn markdown_holds_no_markup_of_strangers() {
    let page = rendered(&hostile(), Format::Markdown);
    assert_inert(&page);
    // Outside code spans, every `<` is ours.
    let mut outside = String::new();
    for line in page.lines() {
        outside.push_str(&without_code_spans(line));
        outside.push('\n');
    }
    let ours = ["<!-- -->", "<details>", "</details>", "<summary>", "</summary>"];
    let rest = ours.iter().fold(outside.clone(), |text, ours| text.replace(ours, ""));
    assert!(!rest.contains('<'), "{rest}");
    assert!(!outside.replace("\\](", "").contains("]("), "a link: {outside}");
    assert!(!outside.replace("<!-- -->://", "").contains("://"), "an autolink: {outside}");
    // Tables keep their columns.
    for table in page.split("\n\n").filter(|block| block.starts_with('|')) {
        let columns = |line: &str| without_code_spans(line).replace("\\|", "").matches('|').count();
        let mut lines = table.lines();
        let wanted = columns(lines.next().unwrap());
        for line in lines.filter(|line| line.starts_with('|')) {
            assert_eq!(columns(line), wanted, "{line}");
        }
    }
}

/// The line with its code spans taken out, the way CommonMark finds them: a run of backticks up to the next run of the
/// same length. In a table, an escaped pipe inside does not end the cell.
fn without_code_spans(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('`') {
        if rest[..at].ends_with('\\') {
            out.push_str(&rest[..=at]);
            rest = &rest[at + 1..];
            continue;
        }
        let run = rest[at..].len() - rest[at..].trim_start_matches('`').len();
        let (before, after) = (&rest[..at], &rest[at + run..]);
        let mut close = None;
        let mut from = 0;
        while let Some(found) = after[from..].find('`').map(|found| found + from) {
            let length = after[found..].len() - after[found..].trim_start_matches('`').len();
            if length == run {
                close = Some(found);
                break;
            }
            from = found + length;
        }
        out.push_str(before);
        let Some(close) = close else { panic!("an open code span in {line}") };
        let bare = after[..close].replace("\\|", "").contains('|');
        assert!(!bare || !line.starts_with('|'), "a bare pipe in a table: {line}");
        rest = &after[close + run..];
    }
    out + rest
}

/// Columns as a terminal counts them, for the signs of the hostile corpus.
fn columns(line: &str) -> usize {
    let of = |c| match c {
        '\u{300}'..='\u{36f}' | '\u{489}' | '\u{20dd}' => 0,
        '模' | '型' | '🦀' => 2,
        _ => 1,
    };
    line.chars().map(of).sum()
}

/// All that commands print of a report.
fn printed(report: &Report, style: Style) -> Vec<String> {
    let findings: Vec<_> = report.findings.iter().collect();
    let shown = report.live_versions.iter().map(|live| text::show(report, live, style));
    let tables =
        [text::summary(report, style), text::findings(report, &findings, style), text::tally(&findings, 3, style)];
    tables.into_iter().chain(shown).collect()
}

#[test]
fn the_terminal_is_never_driven_by_names() {
    for report in [bank(), hostile(), denied(), blank()] {
        for width in [40, 60, 80, 120, 200] {
            let style = Style { width, colour: false };
            for text in printed(&report, style) {
                assert_inert(&text);
                for line in text.lines() {
                    assert!(columns(line) <= width, "{} columns at {width}: {line}", columns(line));
                }
            }
            assert_inert(&text::names(&report, style));
        }
        let coloured = printed(&report, Style { width: 100, colour: true }).concat();
        let sequences = coloured.matches('\u{1b}').count();
        assert_eq!(
            sequences,
            ["1", "2", "31", "32", "33", "35", "0"]
                .iter()
                .map(|code| coloured.matches(&format!("\u{1b}[{code}m")).count())
                .sum::<usize>()
        );
    }
}

#[test]
fn what_is_open_of_a_live_version_is_told_in_full() {
    for report in [bank(), denied(), hostile()] {
        let flowing = |text: &str| text.split_whitespace().collect::<String>();
        for live in &report.live_versions {
            let text = flowing(&text::show(&report, live, Style { width: 60, colour: false }));
            for finding in text::findings_of(&report, live) {
                let open = matches!(finding.status, Status::Fail | Status::Unknown | Status::Waived);
                let reason = flowing(&escape::visible(&words::sentence(&finding.reason)));
                let told = text.contains(&reason) && text.contains(&flowing(&escape::visible(&finding.remedy)));
                assert!(told || !open, "{} of {}", finding.code, live.id);
            }
        }
    }
}

#[test]
fn hostile_text_is_shown_rather_than_dropped() {
    let text = rendered(&hostile(), Format::Csv);
    assert!(HOSTILE.iter().any(|hostile| text.contains(&*escape::visible(hostile))));
}

#[test]
fn the_summary_reads_well() {
    insta::assert_snapshot!("text_120", text::summary(&bank(), PLAIN));
    insta::assert_snapshot!("text_70", text::summary(&bank(), Style { width: 70, ..PLAIN }));
    insta::assert_snapshot!("text_blank", text::summary(&blank(), PLAIN));
    insta::assert_snapshot!("text_denied", text::summary(&denied(), PLAIN));
}

#[test]
fn markdown_reads_well() {
    insta::assert_snapshot!("markdown", rendered(&bank(), Format::Markdown));
    insta::assert_snapshot!("markdown_denied", rendered(&denied(), Format::Markdown));
}

#[test]
fn a_large_report_stays_a_comment_in_markdown() {
    let report = many(400);
    assert!(rendered(&report, Format::Markdown).len() < 65_536);
}

#[test]
fn the_pages_are_only_our_markup_and_ask_for_nothing() {
    let pages = [Format::Html, Format::Manager];
    for (report, format) in
        [bank(), hostile(), blank(), denied(), unpriced()].iter().flat_map(|it| pages.map(|to| (it, to)))
    {
        let page = rendered(report, format);
        assert_inert(&page.replace('\n', " "));
        let style = inline(&page, "style").unwrap();
        let script = inline(&page, "script").unwrap_or_default();
        let markup = page.replacen(style, "", 1).replacen(script, "", 1);
        let mut links = Vec::new();
        let mut anchors = std::collections::BTreeSet::new();
        for tag in tags(&markup) {
            assert!(TAGS.contains(&tag.name), "<{}>", tag.name);
            for (name, value) in tag.attributes {
                assert!(ATTRIBUTES.contains(&name), "{name}={value} in <{}>", tag.name);
                match name {
                    "href" => links.push(value.strip_prefix('#').expect("only links into the page").to_owned()),
                    "id" => assert!(anchors.insert(value.to_owned()), "{value} twice"),
                    _ => {}
                }
            }
        }
        if *report == bank() {
            let dead: Vec<&String> = links.iter().filter(|link| !anchors.contains(*link)).collect();
            assert!(dead.is_empty(), "{dead:?}");
        }
        assert!(!style.contains("url(") && !style.contains("@import"), "the style asks for something");
    }
}

#[test]
fn the_policy_of_the_page_allows_its_own_style_and_script_and_nothing_else() {
    let hash = |text: &str| STANDARD.encode(Sha256::of(text.as_bytes()).as_bytes());
    for report in [bank(), hostile()] {
        for format in [Format::Html, Format::Manager] {
            let page = rendered(&report, format);
            let policy = page.split_once("Content-Security-Policy\" content=\"").unwrap().1.split_once('"').unwrap().0;
            let style = format!("style-src 'sha256-{}'", hash(inline(&page, "style").unwrap()));
            let script = inline(&page, "script").map(|script| format!(" script-src 'sha256-{}';", hash(script)));
            assert_eq!(script.is_some(), format == Format::Html);
            let script = script.unwrap_or_default();
            assert_eq!(policy, format!("default-src 'none'; {style};{script} base-uri 'none'; form-action 'none'"));
        }
    }
}

/// What stands in the page's only element of this name.
fn inline<'a>(page: &'a str, name: &str) -> Option<&'a str> {
    let (_, after) = page.split_once(&format!("<{name}>"))?;
    let (content, rest) = after.split_once(&format!("</{name}>"))?;
    assert!(!rest.contains(&format!("<{name}")), "two of {name}");
    Some(content)
}

const TAGS: &[&str] = &[
    "!doctype",
    "a",
    "b",
    "body",
    "br",
    "button",
    "circle",
    "code",
    "dd",
    "defs",
    "details",
    "dialog",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "head",
    "header",
    "html",
    "input",
    "kbd",
    "label",
    "legend",
    "li",
    "main",
    "meta",
    "nav",
    "noscript",
    "ol",
    "option",
    "p",
    "path",
    "pattern",
    "rect",
    "script",
    "section",
    "select",
    "span",
    "style",
    "summary",
    "svg",
    "symbol",
    "table",
    "tbody",
    "td",
    "text",
    "th",
    "thead",
    "time",
    "title",
    "tr",
    "ul",
    "use",
    "wbr",
];

const ATTRIBUTES: &[&str] = &[
    "aria-haspopup",
    "aria-hidden",
    "aria-label",
    "aria-labelledby",
    "aria-live",
    "autocomplete",
    "charset",
    "checked",
    "class",
    "colspan",
    "content",
    "cx",
    "cy",
    "d",
    "data-account",
    "data-control",
    "data-control-of",
    "data-finding",
    "data-label",
    "data-live",
    "data-na",
    "data-of",
    "data-owner",
    "data-pass",
    "data-region",
    "data-severity",
    "data-status",
    "data-verdict",
    "datetime",
    "fill",
    "focusable",
    "for",
    "height",
    "hidden",
    "href",
    "html",
    "http-equiv",
    "id",
    "lang",
    "name",
    "open",
    "patternTransform",
    "patternUnits",
    "placeholder",
    "preserveAspectRatio",
    "r",
    "role",
    "rx",
    "scope",
    "spellcheck",
    "stroke",
    "stroke-dasharray",
    "stroke-linecap",
    "stroke-linejoin",
    "stroke-width",
    "tabindex",
    "title",
    "type",
    "value",
    "viewBox",
    "width",
    "x",
    "y",
];

struct Tag<'a> {
    name: &'a str,
    attributes: Vec<(&'a str, &'a str)>,
}

/// Opening tags the way a browser finds them: every `<` begins one, attribute values stand between double quotes.
fn tags(page: &str) -> Vec<Tag<'_>> {
    let mut tags = Vec::new();
    for piece in page.split('<').skip(1) {
        if piece.starts_with('/') {
            continue;
        }
        let end = piece.find(|c: char| c.is_whitespace() || c == '>' || c == '/').unwrap();
        let mut tag = Tag { name: &piece[..end], attributes: Vec::new() };
        let mut rest = piece[end..].trim_start();
        while !rest.starts_with(['>', '/']) {
            let name_end = rest.find(['=', ' ', '>']).unwrap();
            let name = &rest[..name_end];
            rest = &rest[name_end..];
            let mut value = "";
            if let Some(quoted) = rest.strip_prefix("=\"") {
                let close = quoted.find('"').unwrap();
                value = &quoted[..close];
                rest = &quoted[close + 1..];
            }
            assert!(rest.starts_with([' ', '>', '/', '\n']), "attributes stand apart: {piece:.200}");
            tag.attributes.push((name, value));
            rest = rest.trim_start();
        }
        tags.push(tag);
    }
    tags
}

/// A report of before there was money in reports.
fn unpriced() -> Report {
    Report { costs: None, ..bank() }
}

/// What is not known is said, drawn otherwise than zero, and never a zero itself.
#[test]
fn unknown_money_is_not_zero() {
    let page = rendered(&unpriced(), Format::Manager);
    assert!(page.contains("What 12 live versions cost is not known"));
    assert!(!page.contains("0.00"), "an amount where none is known");
    let page = rendered(&bank(), Format::Manager);
    let screen = page.split_once("id=\"group-payments-anomaly\"").unwrap().1.split_once("</section>").unwrap().0;
    assert!(screen.contains("<span class=\"not-known\">not known</span> What this group costs"), "{screen}");
    assert!(screen.contains("No price of <code>ml.inf2.8xlarge</code>") && !screen.contains("0.00"), "{screen}");
}

#[test]
fn costs_csv_reads_back_to_the_cent_and_holds_no_formula() {
    for report in [bank(), hostile(), unpriced()] {
        let bytes = render(&report, Format::Costs).unwrap();
        let mut reader = ::csv::Reader::from_reader(bytes.as_slice());
        let headers = reader.headers().unwrap().clone();
        let column = |name: &str| headers.iter().position(|header| header == name).unwrap();
        let rows: Vec<::csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), report.live_versions.len());
        let mut sum = rust_decimal::Decimal::ZERO;
        for row in &rows {
            sum += row[column("cost")].parse().unwrap_or(rust_decimal::Decimal::ZERO);
            for (cell, name) in row.iter().zip(&headers) {
                assert_inert(cell);
                let number = cell.parse::<rust_decimal::Decimal>().is_ok();
                assert!(number || !cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{name}: {cell}");
            }
        }
        let total = report.costs.as_ref().map_or(rust_decimal::Decimal::ZERO, |costs| costs.total[0].amount);
        assert_eq!(sum, total);
    }
}

/// Writes the samples into a folder, to look at them: `SAMPLES=/tmp/samples cargo test samples -- --ignored`.
#[test]
#[ignore = "for looking at"]
#[allow(clippy::disallowed_methods, reason = "the folder is named by whoever runs it")]
fn samples() {
    let folder = std::path::PathBuf::from(std::env::var("SAMPLES").unwrap());
    std::fs::create_dir_all(&folder).unwrap();
    for (name, report) in [
        ("demo", compose::tests::demo()),
        ("bank", bank()),
        ("organization", organization()),
        ("hostile", hostile()),
        ("blank", blank()),
        ("denied", denied()),
        ("unpriced", unpriced()),
        ("three", many(3)),
        ("three-hundred", many(300)),
        ("many", many(2_000)),
        ("large", large()),
    ] {
        for format in Format::ALL {
            let bytes = render(&report, format).unwrap();
            std::fs::write(folder.join(format!("{name}-{}", format.file_name())), bytes).unwrap();
        }
    }
}

#[test]
fn an_approval_is_none_only_where_it_is_sure_that_nothing_is_registered() {
    let row = |report: &Report| {
        let page = rendered(report, Format::Markdown);
        page.lines().find(|line| line.contains("multi-model artifact `merchant-models`")).unwrap().to_owned()
    };
    let mut report = bank();
    assert!(row(&report).contains("| none |"));
    let at = report.live_versions.iter().position(|live| live.endpoint == "merchant-models").unwrap();
    report.live_versions[at].containers[0].registration = "unknown".to_owned();
    assert!(row(&report).contains("| not known |") && !row(&report).contains("| none |"));
    report.live_versions[at].containers.clear();
    assert!(row(&report).contains("| not known |"));
}
