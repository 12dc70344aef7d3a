//! Work of one loop of which some takes far longer than the rest: what hangs goes on beside what comes
//! next, and holds up nothing but itself (X19).

use std::pin::pin;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt as _};

/// What takes longer than this is not waited for.
const A_WHILE: Duration = Duration::from_secs(1);

/// What is under way. It goes on while somebody waits here, and ends with whoever holds it.
pub(crate) struct Beside<'a, T> {
    under_way: FuturesUnordered<BoxFuture<'a, T>>,
    ended: Vec<T>,
}

impl<'a, T> Beside<'a, T> {
    pub(crate) fn new() -> Self {
        Self {
            under_way: FuturesUnordered::new(),
            ended: Vec::new(),
        }
    }

    /// How much is under way.
    pub(crate) fn len(&self) -> usize {
        self.under_way.len()
    }

    /// Whether all of it has ended.
    pub(crate) fn is_empty(&self) -> bool {
        self.under_way.is_empty()
    }

    /// Begins `work` as soon as somebody waits.
    pub(crate) fn begin(&mut self, work: BoxFuture<'a, T>) {
        self.under_way.push(work);
    }

    /// Does `work` before all else, for a while.
    pub(crate) async fn run(&mut self, work: BoxFuture<'a, T>) {
        let mut first = Some(work);
        let mut a_while = pin!(tokio::time::sleep(A_WHILE));
        while let Some(work) = first.as_mut() {
            tokio::select! {
                biased;
                ended = work => {
                    self.ended.push(ended);
                    return;
                }
                Some(ended) = self.under_way.next() => self.ended.push(ended),
                () = &mut a_while => self.under_way.extend(first.take()),
            }
        }
    }

    /// Waits until no more than `left` are under way, for a while.
    pub(crate) async fn until_left(&mut self, left: usize) {
        let ending = async {
            while self.under_way.len() > left
                && let Some(ended) = self.under_way.next().await
            {
                self.ended.push(ended);
            }
        };
        // What is under way stays there.
        let _ = tokio::time::timeout(A_WHILE, ending).await;
    }

    /// What has ended since it was asked last.
    pub(crate) fn ended(&mut self) -> Vec<T> {
        std::mem::take(&mut self.ended)
    }
}
