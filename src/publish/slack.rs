//! A publication as a message to a Slack channel, in Block Kit.
//!
//! What strangers named is escaped as Slack asks (`&`, `<` and `>` as entities, so that `<!channel>` calls nobody), shown where
//! it would deceive, and no link; `verbatim` keeps Slack from looking for mentions and addresses of its own.
//!
//! Source: <https://docs.slack.dev/messaging/formatting-message-text>, <https://docs.slack.dev/reference/block-kit/blocks>

use serde_json::{Value, json};

use super::news::News;
use super::{Publication, plain};
use crate::report::words;

/// More lines than so many are for the report.
const LINES: usize = 10;
/// The longest text of a section is 3,000 characters.
const SECTION: usize = 2_900;

/// The message, as an incoming webhook takes it.
pub fn message(publication: &Publication<'_>, news: &News<'_>) -> String {
    let Publication { report, run, .. } = *publication;
    let subject = plain::subject(report, news);
    let mut blocks = vec![
        json!({ "type": "header", "text": { "type": "plain_text", "emoji": false, "text": escaped(&subject) } }),
        section(&[escaped(&report.summary.headline)]),
    ];
    let mut changes: Vec<String> = report.changes.iter().map(|changes| escaped(&changes.headline)).collect();
    changes.extend(news.items.iter().take(LINES).map(|item| format!("• {}", escaped(&plain::change(item, report)))));
    if news.items.len() > LINES {
        changes.push(format!("• and {} more", words::number(news.items.len() - LINES)));
    }
    if !changes.is_empty() {
        blocks.push(section(&changes));
    }
    let actions: Vec<String> = report
        .summary
        .actions
        .iter()
        .take(3)
        .enumerate()
        .map(|(at, action)| {
            let text = format!("{} ({}; {})", words::sentence(&action.action), words::gain(action), action.role);
            format!("{}. {}", at + 1, escaped(&text))
        })
        .collect();
    if !actions.is_empty() {
        blocks.push(json!({ "type": "divider" }));
        blocks.push(section(&actions));
    }
    let context = format!(
        "run {run} · account {} · {} · {}",
        report.scope.accounts.join(", "),
        report.scope.regions.join(", "),
        words::time(report.as_of)
    );
    blocks.push(json!({ "type": "context", "elements": [mrkdwn(&escaped(&context))] }));
    json!({ "text": escaped(&subject), "blocks": blocks, "unfurl_links": false, "unfurl_media": false }).to_string()
}

/// Lines as one section, as many as fit.
fn section(lines: &[String]) -> Value {
    let mut text = String::new();
    for line in lines {
        if text.chars().count() + line.chars().count() + 1 > SECTION {
            text.push_str("\n• and more");
            break;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(line);
    }
    json!({ "type": "section", "text": mrkdwn(&text) })
}

fn mrkdwn(text: &str) -> Value {
    json!({ "type": "mrkdwn", "verbatim": true, "text": text })
}

/// A text that Slack shows as it is.
fn escaped(text: &str) -> String {
    plain::line(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::CollectStats;
    use crate::publish::Trigger;
    use crate::report::document::Report;
    use crate::report::sample::{bank, blank, hostile};

    fn of(report: &Report) -> Value {
        let (stats, trigger) = (CollectStats::default(), Trigger::Schedule);
        let publication = Publication { report, stats: &stats, run: "run-1", trigger: &trigger, documents: &[] };
        serde_json::from_str(&message(&publication, &News::of(report, &trigger))).unwrap()
    }

    /// Every text of a message, with the most characters that Slack takes of it.
    fn texts(message: &Value) -> Vec<(String, usize)> {
        let of = |value: &Value| value.as_str().unwrap().to_owned();
        let mut texts = vec![(of(&message["text"]), 40_000)];
        for block in message["blocks"].as_array().unwrap() {
            match block["type"].as_str().unwrap() {
                "header" => texts.push((of(&block["text"]["text"]), 150)),
                "section" => texts.push((of(&block["text"]["text"]), 3_000)),
                "context" => texts.push((of(&block["elements"][0]["text"]), 3_000)),
                "divider" => {}
                other => panic!("{other}"),
            }
        }
        texts
    }

    #[test]
    fn names_call_nobody_and_link_nowhere() {
        let message = of(&hostile());
        for (text, most) in texts(&message) {
            assert!(!text.is_empty() && text.chars().count() <= most, "{} characters", text.chars().count());
            assert!(!text.contains(['<', '>']) && !text.contains("://"), "{text}");
            let entities = text.matches("&amp;").count() + text.matches("&lt;").count() + text.matches("&gt;").count();
            assert_eq!(text.matches('&').count(), entities, "{text}");
        }
        let blocks = |report: &Report| of(report)["blocks"].as_array().unwrap().len();
        assert_eq!(blocks(&hostile()), blocks(&bank()), "a name forges no block");
        assert!(blocks(&bank()) <= 50);
    }

    #[test]
    fn it_leads_with_what_changed() {
        let message = of(&bank());
        let all = message["blocks"].to_string();
        assert!(all.contains("new (critical): APR-005") && all.contains("run run-1"), "{all}");
        assert_eq!(texts(&of(&blank())).len(), 4, "nothing serves: header, headline, context, and the text");
    }
}
