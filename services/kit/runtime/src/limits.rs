//! Every limit of the gRPC surface, named.

use std::time::Duration;

/// The largest message that a service reads. Services pass it to `max_decoding_message_size`.
pub const MAX_MESSAGE_BYTES: usize = 1024 * 1024;
/// The largest set of headers of one call.
pub const MAX_HEADER_LIST_BYTES: u32 = 16 * 1024;
/// Calls under way at once on one connection; more wait.
pub const MAX_CALLS_PER_CONNECTION: usize = 256;
/// Streams open at once on one connection.
pub const MAX_STREAMS_PER_CONNECTION: u32 = 256;
/// How often a silent connection is asked whether it is alive.
pub const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(20);
/// How long it has to answer.
pub const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest time that one unary call may take, whatever its caller asks for.
pub const MAX_CALL_TIME: Duration = Duration::from_secs(30);
/// The time that a call to another service gets when nobody waits with a deadline of their own.
pub const PEER_CALL_TIME: Duration = Duration::from_secs(5);
/// How long a connection to another service may take to come about.
pub const PEER_CONNECT_TIME: Duration = Duration::from_secs(2);
/// How often a silent connection to another service is asked whether it is alive, idle or not: a
/// peer that vanished without a word is noticed before a caller's patience ends.
pub const PEER_KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);
/// How long that service has to answer.
pub const PEER_KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(3);
/// Calls under way at once to one other service; more wait, as long as their deadline lets them.
pub const PEER_CALLS_MAX: usize = 64;
/// How often a read is tried in all when the other service is unavailable.
pub const PEER_TRIES_MAX: u32 = 4;
/// The longest pause before the second try; it doubles with each, and a part of it is chance.
pub const PEER_PAUSE: Duration = Duration::from_millis(100);
/// Tries in a row that may fail before retries stop; ten calls that succeed give one back.
pub const PEER_RETRY_BUDGET: i64 = 10;
/// The largest answer of another service.
pub const PEER_ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Taken off the remaining time that is handed to another service, for the way back.
pub const PEER_CALL_MARGIN: Duration = Duration::from_millis(50);
/// How long a stopping server waits for calls under way before it exits all the same (R12).
pub const DRAIN_TIME: Duration = Duration::from_secs(10);
/// The longest filter of a list.
pub const MAX_FILTER_BYTES: usize = 1024;
