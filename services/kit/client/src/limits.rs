//! Every limit of a caller, named.

use std::time::Duration;

/// How long a connection may take to come about.
pub const CONNECT_TIME: Duration = Duration::from_secs(2);
/// How often a silent connection is asked whether it is alive, idle or not: a service that vanished
/// without a word is noticed before a caller's patience ends.
pub const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);
/// How long the service has to answer.
pub const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(3);
/// The time of a call that says none, all its tries and pauses together.
pub const CALL_TIME: Duration = Duration::from_secs(10);
/// Calls under way at once to one address; more wait, as long as their deadline lets them.
pub const CALLS_AT_ONCE: usize = 64;
/// How often a call is tried in all when the service is unavailable.
pub const TRIES_MAX: u32 = 4;
/// The longest pause before the second try; it doubles with each, and a part of it is chance.
pub const PAUSE: Duration = Duration::from_millis(100);
/// Tries in a row that may fail before retries stop; ten calls that succeed give one back.
pub const RETRY_BUDGET: u32 = 10;
/// The largest answer to a unary call.
pub const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;
/// A watch that has said nothing for so long is lost: a heartbeat comes every ten seconds.
pub const WATCH_SILENCE_MAX: Duration = Duration::from_secs(30);
/// The longest pause before a lost watch is taken up again.
pub const WATCH_PAUSE_MAX: Duration = Duration::from_secs(15);
