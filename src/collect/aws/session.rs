//! Who reads: credentials, and the SDK clients made from them.

use std::sync::Arc;

use aws_types::SdkConfig;

use super::engine::{Adaptive, Counting, Tally};
use crate::collect::Pace;

/// Credentials that AWS has recognised, and all that clients need besides a region.
#[derive(Debug)]
pub struct Session {
    config: SdkConfig,
    account: String,
    partition: String,
    reader: String,
    tally: Arc<Tally>,
}

/// The clients of one region.
#[derive(Debug)]
pub(crate) struct Clients {
    pub(crate) sagemaker: aws_sdk_sagemaker::Client,
    pub(crate) cloudwatch: aws_sdk_cloudwatch::Client,
    pub(crate) cloudtrail: aws_sdk_cloudtrail::Client,
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) sns: aws_sdk_sns::Client,
    pub(crate) tagging: aws_sdk_resourcegroupstagging::Client,
}

impl Session {
    /// Account that is read.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// Partition of the account, such as `aws`.
    pub fn partition(&self) -> &str {
        &self.partition
    }

    /// ARN of the identity that reads.
    pub fn reader(&self) -> &str {
        &self.reader
    }

    pub(crate) fn tally(&self) -> &Tally {
        &self.tally
    }

    pub(crate) fn clients(&self, region: &str, _pace: &Pace, lane: &Arc<Adaptive>) -> Clients {
        let config = self.config.to_builder().region(aws_types::region::Region::new(region.to_owned())).build();
        let counting = || Counting::new(Arc::clone(&self.tally), None);
        Clients {
            sagemaker: aws_sdk_sagemaker::Client::from_conf(
                aws_sdk_sagemaker::config::Builder::from(&config)
                    .interceptor(Counting::new(Arc::clone(&self.tally), Some(Arc::clone(lane))))
                    .build(),
            ),
            cloudwatch: aws_sdk_cloudwatch::Client::from_conf(
                aws_sdk_cloudwatch::config::Builder::from(&config).interceptor(counting()).build(),
            ),
            cloudtrail: aws_sdk_cloudtrail::Client::from_conf(
                aws_sdk_cloudtrail::config::Builder::from(&config).interceptor(counting()).build(),
            ),
            s3: aws_sdk_s3::Client::from_conf(
                aws_sdk_s3::config::Builder::from(&config)
                    .force_path_style(config.endpoint_url().is_some())
                    .interceptor(counting())
                    .build(),
            ),
            sns: aws_sdk_sns::Client::from_conf(
                aws_sdk_sns::config::Builder::from(&config).interceptor(counting()).build(),
            ),
            tagging: aws_sdk_resourcegroupstagging::Client::from_conf(
                aws_sdk_resourcegroupstagging::config::Builder::from(&config).interceptor(counting()).build(),
            ),
        }
    }
}
