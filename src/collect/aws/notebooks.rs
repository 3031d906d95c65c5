//! Notebook instances: nothing of them serves, and those that run cost by the hour.
//!
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListNotebookInstances.html>

use aws_sdk_sagemaker::types::{NotebookInstanceStatus, NotebookInstanceSummary};

use super::engine::{Answer, Reader, token};
use super::text::{instant, required, text};
use crate::collect::{ApiCall, CollectorInfo, Malformed};
use crate::evidence::{FactKind, Hidden, Notebook};

const LIST: ApiCall = ApiCall {
    service: "sagemaker",
    operation: "ListNotebookInstances",
    action: "sagemaker:ListNotebookInstances",
    purpose: "notebook instances that run and cost",
};

/// See the module.
pub(crate) static INFO: CollectorInfo = CollectorInfo {
    name: "notebooks",
    summary: "reads notebook instances, to say which of them run and cost",
    yields: &[FactKind::Notebooks],
    calls: &[LIST],
};

const ALL: &[Hidden] = &[Hidden::All(FactKind::Notebooks)];

/// Lists those of the region.
pub(crate) async fn collect(reader: &Reader<'_>) {
    let sagemaker = &reader.clients().sagemaker;
    let listed = reader
        .pages(
            &LIST,
            "notebook instances",
            |token| sagemaker.list_notebook_instances().max_results(100).set_next_token(token).send(),
            |Answer { output, call }| {
                for notebook in output.notebook_instances() {
                    match normalise(notebook) {
                        Ok(notebook) => reader.record(notebook, &[call]),
                        Err(malformed) => reader.malformed(&LIST, call, &malformed, ALL),
                    }
                }
                token(output.next_token())
            },
        )
        .await;
    if let Err(failure) = listed {
        reader.gap(failure, ALL);
    }
}

/// One instance.
///
/// # Errors
/// If it has no name, ARN or status.
fn normalise(given: &NotebookInstanceSummary) -> Result<Notebook, Malformed> {
    let name = required("a notebook instance", "NotebookInstanceName", given.notebook_instance_name())?;
    let status = given.notebook_instance_status().map(NotebookInstanceStatus::as_str);
    Ok(Notebook {
        arn: required(&name, "NotebookInstanceArn", given.notebook_instance_arn())?,
        status: required(&name, "NotebookInstanceStatus", status)?,
        instance_type: text(given.instance_type().map(aws_sdk_sagemaker::types::InstanceType::as_str)),
        created: instant(given.creation_time()),
        modified: instant(given.last_modified_time()),
        name,
    })
}

#[cfg(test)]
mod tests {
    use aws_sdk_sagemaker::types::InstanceType;

    use super::*;

    #[test]
    fn a_notebook_says_what_it_runs_on() {
        let given = NotebookInstanceSummary::builder().notebook_instance_name("scratch").notebook_instance_arn("arn:n");
        let missing = normalise(&given.clone().build()).unwrap_err();
        assert_eq!(missing.reason, "`NotebookInstanceStatus` is missing");
        let given = given.notebook_instance_status(NotebookInstanceStatus::InService);
        let read = normalise(&given.instance_type(InstanceType::MlT3Medium).build()).unwrap();
        assert_eq!((read.status.as_str(), read.instance_type.as_deref()), ("InService", Some("ml.t3.medium")));
    }
}
