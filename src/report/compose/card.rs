//! What is said of a model, by its registration and by its manifest.

use crate::estate::LiveVersion;
use crate::policy::Risk;
use crate::report::document::{CardFileRow, CardRow};

/// The card; `None` where nothing is said.
pub(super) fn card(live: &LiveVersion<'_>) -> Option<CardRow> {
    let mut card = CardRow::default();
    if let Some(package) = live.packages().next().map(|package| &package.data) {
        card.generated_by.clone_from(&package.commit.generated_by);
        card.project.clone_from(&package.commit.project);
        card.source.clone_from(&package.source_uri);
        card.status.clone_from(&package.card_status);
        let file = package.metrics.iter();
        let file = file.map(|it| CardFileRow { role: it.role.clone(), uri: it.uri.clone(), digest: it.digest.clone() });
        card.files = file.collect();
    }
    if let Some(manifest) = live.manifest {
        card.risk = manifest.risk.map(risk).map(str::to_owned);
        card.data_class.clone_from(&manifest.data_class);
        card.personal_data = manifest.personal_data;
        card.not_for.clone_from(&manifest.do_not_use_when);
        card.segments.clone_from(&manifest.segments);
    }
    (card != CardRow::default()).then_some(card)
}

fn risk(risk: Risk) -> &'static str {
    match risk {
        Risk::Low => "low",
        Risk::Medium => "medium",
        Risk::High => "high",
    }
}
