//! The body of a dashboard: its widgets, with the shorthand of their metrics spelt out.
//!
//! In a list of metrics `.` repeats what stands at the same place of the metric before, and `...` as many such places as the
//! metric before had and this one does not name.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html>

use std::collections::BTreeMap;

use serde_json::Value;

use crate::evidence::{Widget, WidgetMetric};

/// The widgets of a body, in order.
///
/// # Errors
/// If it is not what the documentation describes.
pub(super) fn widgets(body: &str) -> Result<Vec<Widget>, &'static str> {
    let body: Value = serde_json::from_str(body).map_err(|_| "its body is not JSON")?;
    let body = body.as_object().ok_or("its body is not a JSON object")?;
    match body.get("widgets") {
        None => Ok(Vec::new()),
        Some(Value::Array(widgets)) => widgets.iter().map(widget).collect(),
        Some(_) => Err("its widgets are not a list"),
    }
}

fn widget(widget: &Value) -> Result<Widget, &'static str> {
    let kind = widget.get("type").and_then(Value::as_str).ok_or("a widget has no type")?;
    let none = Value::Null;
    let properties = widget.get("properties").unwrap_or(&none);
    let word = |name: &str| properties.get(name).and_then(Value::as_str).map(str::to_owned);
    let annotations = properties.get("annotations").unwrap_or(&none);
    let horizontal = annotations.get("horizontal").and_then(Value::as_array);
    let mut read = Widget {
        kind: kind.to_owned(),
        title: word("title"),
        region: word("region"),
        metrics: Vec::new(),
        expressions: Vec::new(),
        alarms: words(properties.get("alarms")).chain(words(annotations.get("alarms"))).collect(),
        thresholds: horizontal.map_or(0, |all| all.iter().filter(|it| draws_a_value(it)).count()),
    };
    // Explorers have metrics, too, but of another form, that names no endpoint.
    if kind == "metric"
        && let Some(metrics) = properties.get("metrics")
    {
        add_metrics(metrics.as_array().ok_or("the metrics of a widget are not a list")?, &mut read)?;
    }
    Ok(read)
}

fn words(list: Option<&Value>) -> impl Iterator<Item = String> {
    let list = list.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned)
}

/// Whether an annotation is a line, or a band of two.
fn draws_a_value(annotation: &Value) -> bool {
    let lines = annotation.as_array().map_or(std::slice::from_ref(annotation), Vec::as_slice);
    lines.iter().any(|line| line.get("value").is_some_and(Value::is_number))
}

fn add_metrics(metrics: &[Value], widget: &mut Widget) -> Result<(), &'static str> {
    let mut before: Vec<String> = Vec::new();
    for metric in metrics {
        let parts = metric.as_array().ok_or("a metric of a widget is not a list")?;
        let (names, options): (Vec<&Value>, Vec<&Value>) = parts.iter().partition(|part| part.is_string());
        if names.len() + options.iter().filter(|option| option.is_object()).count() != parts.len() {
            return Err("a metric of a widget has a part that is neither a name nor an object");
        }
        let expressions = options.iter().filter_map(|option| option.get("expression")?.as_str());
        widget.expressions.extend(expressions.map(str::to_owned));
        if names.is_empty() {
            continue;
        }
        let names: Vec<&str> = names.into_iter().filter_map(Value::as_str).collect();
        let spelt_out = spell_out(&names, &before)?;
        widget.metrics.push(of_names(&spelt_out)?);
        before = spelt_out;
    }
    Ok(())
}

/// The names of a metric with what they repeat of the one before.
fn spell_out(names: &[&str], before: &[String]) -> Result<Vec<String>, &'static str> {
    const NOTHING: &str = "a metric of a widget repeats what the one before does not have";
    let mut out: Vec<String> = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let dots = !name.is_empty() && name.bytes().all(|byte| byte == b'.');
        match name.len() {
            1 if dots => out.push(before.get(out.len()).ok_or(NOTHING)?.clone()),
            2.. if dots => {
                let after = names.len() - at - 1;
                let end = before.len().checked_sub(after).ok_or(NOTHING)?;
                out.extend_from_slice(before.get(out.len()..end).ok_or(NOTHING)?);
            }
            _ => out.push((*name).to_owned()),
        }
    }
    Ok(out)
}

fn of_names(names: &[String]) -> Result<WidgetMetric, &'static str> {
    let [namespace, metric, dimensions @ ..] = names else {
        return Err("a metric of a widget has no name");
    };
    let (pairs, rest) = dimensions.as_chunks::<2>();
    if !rest.is_empty() {
        return Err("a dimension of a widget's metric has no value");
    }
    let dimensions: BTreeMap<String, String> =
        pairs.iter().map(|[name, value]| (name.clone(), value.clone())).collect();
    Ok(WidgetMetric { namespace: namespace.clone(), metric: metric.clone(), dimensions })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn shown(metrics: &Value) -> Vec<String> {
        let body = json!({ "widgets": [{ "type": "metric", "properties": { "metrics": metrics } }] });
        let widgets = widgets(&body.to_string()).unwrap();
        let line = |it: &WidgetMetric| {
            let pairs: String = it.dimensions.iter().map(|(name, value)| format!(" {name}={value}")).collect();
            format!("{} {}{pairs}", it.namespace, it.metric)
        };
        widgets[0].metrics.iter().map(line).chain(widgets[0].expressions.iter().cloned()).collect()
    }

    #[test]
    fn the_documented_shorthand_is_spelt_out() {
        let metrics = json!([
            ["AWS/SageMaker", "Invocations", "EndpointName", "fraud", "VariantName", "a", { "stat": "Sum" }],
            ["...", "b", { "period": 60 }],
            [".", "ModelLatency", ".", ".", ".", "."],
            [".", "OverheadLatency", "..."],
            ["...", "VariantName", "c"],
            [{ "expression": "m1 / 1000", "label": "ms", "id": "e1" }],
            ["AWS/SNS", "NumberOfMessagesPublished"]
        ]);
        assert_eq!(
            shown(&metrics),
            [
                "AWS/SageMaker Invocations EndpointName=fraud VariantName=a",
                "AWS/SageMaker Invocations EndpointName=fraud VariantName=b",
                "AWS/SageMaker ModelLatency EndpointName=fraud VariantName=b",
                "AWS/SageMaker OverheadLatency EndpointName=fraud VariantName=b",
                "AWS/SageMaker OverheadLatency EndpointName=fraud VariantName=c",
                "AWS/SNS NumberOfMessagesPublished",
                "m1 / 1000",
            ]
        );
    }

    #[test]
    fn alarms_and_thresholds_are_told_from_decoration() {
        let body = json!({ "start": "-PT3H", "widgets": [
            { "type": "alarm", "properties": { "title": "all", "alarms": ["arn:one", "arn:two"] } },
            { "type": "metric", "properties": { "region": "eu-central-1", "annotations": {
                "alarms": ["arn:three"],
                "horizontal": [{ "value": 90, "label": "much" }, [{ "value": 1 }, { "value": 2 }], { "label": "none" }],
                "vertical": [{ "value": "2026-01-01T00:00:00Z" }],
            } } },
            { "type": "text", "properties": { "markdown": "# Hello" } },
            { "type": "explorer", "properties": { "metrics": [{ "metricName": "CPUUtilization" }] } },
        ] });
        let read = widgets(&body.to_string()).unwrap();
        let told: Vec<(&str, usize, usize)> =
            read.iter().map(|it| (it.kind.as_str(), it.alarms.len(), it.thresholds)).collect();
        assert_eq!(told, [("alarm", 2, 0), ("metric", 1, 2), ("text", 0, 0), ("explorer", 0, 0)]);
        assert_eq!((read[0].title.as_deref(), read[1].region.as_deref()), (Some("all"), Some("eu-central-1")));
        assert_eq!(widgets("{}"), Ok(vec![]));
    }

    #[test]
    fn what_is_no_dashboard_is_said_to_be_none() {
        let with =
            |metrics: &str| format!(r#"{{"widgets":[{{"type":"metric","properties":{{"metrics":{metrics}}}}}]}}"#);
        for body in [
            String::new(),
            "[]".to_owned(),
            r#"{"widgets":{}}"#.to_owned(),
            r#"{"widgets":[{}]}"#.to_owned(),
            with("{}"),
            with("[{}]"),
            with(r#"[["..."]]"#),
            with(r#"[["n"]]"#),
            with(r#"[["n","m","d"]]"#),
            with(r#"[["n","m"],[".",".","."]]"#),
            with(r#"[["n","m"],["...","a","b","c"]]"#),
            with(r#"[["n","m",7]]"#),
        ] {
            widgets(&body).unwrap_err();
        }
    }

    proptest! {
        #[test]
        fn no_body_makes_it_panic(
            metrics in prop::collection::vec(prop::collection::vec("\\.{0,4}|[a-z]{1,3}", 0..6), 0..6),
            text in ".{0,40}",
        ) {
            drop(widgets(&text));
            drop(widgets(&json!({ "widgets": [{ "type": "metric", "properties": { "metrics": metrics } }] }).to_string()));
        }

        #[test]
        fn shorthand_and_long_form_say_the_same(
            names in prop::collection::vec("[a-z]{1,4}", 2..7),
            repeated in prop::collection::vec(any::<bool>(), 7),
        ) {
            let even = names.len() / 2 * 2;
            let names = &names[..even];
            let short: Vec<&str> =
                names.iter().zip(&repeated).map(|(name, repeat)| if *repeat { "." } else { name.as_str() }).collect();
            let metrics = shown(&json!([names, names]));
            prop_assert_eq!(shown(&json!([names, short])), metrics.clone());
            prop_assert_eq!(shown(&json!([names, ["..."]])), metrics.clone());
            prop_assert_eq!(shown(&json!([names, [".", "...", names[even - 1]]])), metrics);
        }
    }
}
