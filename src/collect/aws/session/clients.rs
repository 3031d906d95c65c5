//! The SDK clients of one region, all made alike: counted, and refusing answers that lost their content on the way.

use std::sync::Arc;

use aws_config::Region;
use aws_sdk_sts::config::retry::RetryPartition;

use super::Session;
use crate::collect::aws::engine::{Adaptive, Counting, WholeAnswers};

/// The SDK clients of one region. Every request that they send is counted.
#[derive(Debug)]
pub(crate) struct Clients {
    pub(crate) sagemaker: aws_sdk_sagemaker::Client,
    pub(crate) cloudwatch: aws_sdk_cloudwatch::Client,
    pub(crate) cloudtrail: aws_sdk_cloudtrail::Client,
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) sns: aws_sdk_sns::Client,
    pub(crate) tagging: aws_sdk_resourcegroupstagging::Client,
    pub(crate) ecr: aws_sdk_ecr::Client,
    /// IAM is global: every region's client asks the partition's one endpoint.
    pub(crate) iam: aws_sdk_iam::Client,
    /// AWS Organizations, which has one endpoint in a partition, too.
    pub(crate) organizations: aws_sdk_organizations::Client,
    /// EventBridge.
    pub(crate) events: aws_sdk_eventbridge::Client,
    /// Application Auto Scaling.
    pub(crate) scaling: aws_sdk_applicationautoscaling::Client,
    pub(crate) kms: aws_sdk_kms::Client,
    pub(crate) bedrock: aws_sdk_bedrock::Client,
    /// Cost Explorer. It and the three that follow answer in [`BILLING_REGION`](super::BILLING_REGION) only.
    pub(crate) cost_explorer: aws_sdk_costexplorer::Client,
    pub(crate) budgets: aws_sdk_budgets::Client,
    /// The price list.
    pub(crate) pricing: aws_sdk_pricing::Client,
    /// Cost Optimization Hub.
    pub(crate) savings: aws_sdk_costoptimizationhub::Client,
}

impl Session {
    /// The clients of a region; `lane` hears when SageMaker throttles.
    pub(in crate::collect::aws) fn clients(&self, region: &str, lane: &Arc<Adaptive>) -> Clients {
        let config = self.config.to_builder().region(Region::new(region.to_owned())).build();
        // Each client has its own allowance of retries, so that one region's trouble takes none from another.
        let partition = || RetryPartition::custom(region.to_owned()).build();
        let counting = || Counting::new(Arc::clone(&self.tally), None);
        let counting_and_slowing = Counting::new(Arc::clone(&self.tally), Some(Arc::clone(lane)));
        macro_rules! client {
            ($sdk:ident, $counting:expr) => {
                $sdk::Client::from_conf(
                    $sdk::config::Builder::from(&config)
                        .retry_partition(partition())
                        .interceptor($counting)
                        .interceptor(WholeAnswers)
                        .build(),
                )
            };
        }
        Clients {
            sagemaker: client!(aws_sdk_sagemaker, counting_and_slowing),
            cloudwatch: client!(aws_sdk_cloudwatch, counting()),
            cloudtrail: self.cloudtrail(region),
            s3: self.s3(region),
            sns: client!(aws_sdk_sns, counting()),
            tagging: client!(aws_sdk_resourcegroupstagging, counting()),
            ecr: client!(aws_sdk_ecr, counting()),
            iam: client!(aws_sdk_iam, counting()),
            organizations: self.organizations(region),
            events: client!(aws_sdk_eventbridge, counting()),
            scaling: client!(aws_sdk_applicationautoscaling, counting()),
            kms: client!(aws_sdk_kms, counting()),
            bedrock: client!(aws_sdk_bedrock, counting()),
            cost_explorer: client!(aws_sdk_costexplorer, counting()),
            budgets: client!(aws_sdk_budgets, counting()),
            pricing: client!(aws_sdk_pricing, counting()),
            savings: client!(aws_sdk_costoptimizationhub, counting()),
        }
    }
}
