//! librdkafka's broker inside this process: speaks Kafka's protocol over TCP, keeps everything in memory.
//!
//! It is bounded (per partition 5 MiB compressed or 100,000 batches; the oldest go without a word) and knows neither
//! the creation of topics nor offsets by time. It serves because the outbox is the log of record.

use std::ffi::{CStr, CString};
use std::ptr::NonNull;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rdkafka::ClientConfig;
use rdkafka::bindings::{
    rd_kafka_mock_cluster_bootstraps, rd_kafka_mock_cluster_destroy, rd_kafka_mock_cluster_new,
    rd_kafka_mock_cluster_t, rd_kafka_mock_group_initial_rebalance_delay_ms, rd_kafka_mock_topic_create,
    rd_kafka_resp_err_t,
};
use rdkafka::producer::{BaseProducer, Producer};

/// Between two topics, or wake-ups of the broker's thread are lost and it stalls for a second or two.
const BETWEEN_TOPICS: Duration = Duration::from_millis(1);

/// A broker without durability. Drop all clients before it.
pub struct MockBroker {
    cluster: NonNull<rd_kafka_mock_cluster_t>,
    bootstrap_servers: String,
    /// The cluster lives on the threads and the log of a client; declared last, it goes after the cluster.
    _client: BaseProducer,
}

// SAFETY: the pointer is not bound to the thread that made it: librdkafka guards the cluster by a lock of its own.
unsafe impl Send for MockBroker {}

// SAFETY: through a shared reference only the text is reachable; the pointer is used by the owner alone.
unsafe impl Sync for MockBroker {}

impl MockBroker {
    /// Starts a broker on a port of its own with the topics, each a name and a number of partitions. A topic that is
    /// not in the list would be made up by the first who asks, with four partitions.
    pub async fn start(topics: &[(String, i32)]) -> Result<Self> {
        let broker = Self::empty()?;
        for (name, partitions) in topics {
            broker.create(name, *partitions)?;
            tokio::time::sleep(BETWEEN_TOPICS).await;
        }
        tracing::info!(bootstrap_servers = broker.bootstrap_servers, topics = topics.len(), "mock broker started");
        Ok(broker)
    }

    /// Returns what a client calls `bootstrap.servers`.
    pub fn bootstrap_servers(&self) -> &str {
        &self.bootstrap_servers
    }

    fn empty() -> Result<Self> {
        let client: BaseProducer =
            ClientConfig::new().create().context("cannot make the client that carries the mock broker")?;
        // SAFETY: the client's handle is valid while `client` lives, and it is stored beside the cluster.
        let cluster = unsafe { rd_kafka_mock_cluster_new(client.client().native_ptr(), 1) };
        let cluster = NonNull::new(cluster).context("librdkafka refused a mock broker: is loopback available here?")?;
        let mut broker = Self { cluster, bootstrap_servers: String::new(), _client: client };
        // SAFETY: the cluster was just made and lives until `broker` is dropped; the text is owned by it, ends with a
        // zero, and is copied here.
        broker.bootstrap_servers = unsafe {
            // Three seconds by default, for members that join late; here nobody is waited for.
            rd_kafka_mock_group_initial_rebalance_delay_ms(cluster.as_ptr(), 0);
            CStr::from_ptr(rd_kafka_mock_cluster_bootstraps(cluster.as_ptr())).to_string_lossy().into_owned()
        };
        Ok(broker)
    }

    fn create(&self, name: &str, partitions: i32) -> Result<()> {
        let text = CString::new(name).with_context(|| format!("the topic name {name:?} contains a zero byte"))?;
        // SAFETY: the cluster lives as long as `self`, the name until the call returns, and the call copies it.
        let code = unsafe { rd_kafka_mock_topic_create(self.cluster.as_ptr(), text.as_ptr(), partitions, 1) };
        if code != rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR {
            bail!("the mock broker refused the topic {name} with {partitions} partitions: {code:?}");
        }
        Ok(())
    }
}

impl Drop for MockBroker {
    fn drop(&mut self) {
        // SAFETY: the pointer came from `rd_kafka_mock_cluster_new`, is destroyed only here, and its client is a field
        // that is dropped after this.
        unsafe { rd_kafka_mock_cluster_destroy(self.cluster.as_ptr()) };
    }
}
