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
/// Taken off the remaining time that is handed to another service, for the way back.
pub const PEER_CALL_MARGIN: Duration = Duration::from_millis(50);
/// How long a stopping server waits for calls under way before it exits all the same (R12).
pub const DRAIN_TIME: Duration = Duration::from_secs(10);
/// The longest filter of a list.
pub const MAX_FILTER_BYTES: usize = 1024;
