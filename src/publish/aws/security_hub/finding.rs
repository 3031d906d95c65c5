//! From a finding in the AWS Security Finding Format to what the SDK sends.

use aws_sdk_securityhub::types;

use crate::report::asff::finding::{
    AsffFinding, ComplianceStatus, RecordState, Resource, Severity, SeverityLabel, WorkflowStatus,
};

/// The finding as the SDK has it.
pub(super) fn imported(finding: &AsffFinding) -> types::AwsSecurityFinding {
    let own = types::FindingProviderFields::builder()
        .severity(
            types::FindingProviderSeverity::builder()
                .label(label(finding.finding_provider_fields.severity.label))
                .original(&finding.finding_provider_fields.severity.original)
                .build(),
        )
        .set_types(Some(finding.finding_provider_fields.types.clone()))
        .build();
    let remediation = finding.remediation.as_ref().map(|remediation| {
        let recommendation = types::Recommendation::builder().text(&remediation.recommendation.text).build();
        types::Remediation::builder().recommendation(recommendation).build()
    });
    let workflow = finding.workflow.map(|workflow| {
        let status = match workflow.status {
            WorkflowStatus::Suppressed => types::WorkflowStatus::Suppressed,
        };
        types::Workflow::builder().status(status).build()
    });
    let product_fields = finding.product_fields.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    types::AwsSecurityFinding::builder()
        .schema_version(&finding.schema_version)
        .id(&finding.id)
        .product_arn(&finding.product_arn)
        .product_name(&finding.product_name)
        .company_name(&finding.company_name)
        .generator_id(&finding.generator_id)
        .aws_account_id(&finding.aws_account_id)
        .region(&finding.region)
        .set_types(Some(finding.types.clone()))
        .set_first_observed_at(finding.first_observed_at.clone())
        .last_observed_at(&finding.last_observed_at)
        .created_at(&finding.created_at)
        .updated_at(&finding.updated_at)
        .severity(severity(&finding.severity))
        .finding_provider_fields(own)
        .title(&finding.title)
        .description(&finding.description)
        .set_remediation(remediation)
        .set_product_fields(Some(product_fields))
        .set_resources(Some(finding.resources.iter().map(resource).collect()))
        .compliance(compliance(finding))
        .set_workflow(workflow)
        .record_state(match finding.record_state {
            RecordState::Active => types::RecordState::Active,
            RecordState::Archived => types::RecordState::Archived,
        })
        .build()
}

fn severity(severity: &Severity) -> types::Severity {
    types::Severity::builder().label(label(severity.label)).original(&severity.original).build()
}

fn label(label: SeverityLabel) -> types::SeverityLabel {
    match label {
        SeverityLabel::Informational => types::SeverityLabel::Informational,
        SeverityLabel::Low => types::SeverityLabel::Low,
        SeverityLabel::Medium => types::SeverityLabel::Medium,
        SeverityLabel::High => types::SeverityLabel::High,
        SeverityLabel::Critical => types::SeverityLabel::Critical,
    }
}

fn resource(resource: &Resource) -> types::Resource {
    let details = resource.details.as_ref().map(|details| {
        let other = details.other.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        types::ResourceDetails::builder().set_other(Some(other)).build()
    });
    types::Resource::builder()
        .r#type(&resource.kind)
        .id(&resource.id)
        .set_partition(resource.partition.as_deref().map(types::Partition::from))
        .region(&resource.region)
        .set_details(details)
        .build()
}

fn compliance(finding: &AsffFinding) -> types::Compliance {
    let compliance = &finding.compliance;
    let reasons = compliance.status_reasons.iter().map(|reason| {
        types::StatusReason::builder().reason_code(&reason.reason_code).description(&reason.description).build()
    });
    let requirements = &compliance.related_requirements;
    types::Compliance::builder()
        .status(match compliance.status {
            ComplianceStatus::Passed => types::ComplianceStatus::Passed,
            ComplianceStatus::Failed => types::ComplianceStatus::Failed,
            ComplianceStatus::NotAvailable => types::ComplianceStatus::NotAvailable,
        })
        .security_control_id(&compliance.security_control_id)
        .set_related_requirements((!requirements.is_empty()).then(|| requirements.clone()))
        .set_status_reasons(Some(reasons.collect()))
        .build()
}
