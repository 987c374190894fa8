//! When a burst of changes is over: after a quiet time, and at the latest after a longest time, so that a file that
//! is written without end is looked at as well. It is told the time and knows no clock.

use std::time::Duration;

/// How long nothing must happen. An editor's save is several events within a few milliseconds.
const QUIET: Duration = Duration::from_millis(100);
/// How long changes that do not stop are waited for.
const LONGEST: Duration = Duration::from_secs(1);

/// Times are since a start that the caller chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Debouncer {
    burst: Option<Burst>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Burst {
    first: Duration,
    last: Duration,
}

impl Debouncer {
    /// Something changed.
    pub(super) fn change(&mut self, now: Duration) {
        let first = self.burst.map_or(now, |burst| burst.first);
        self.burst = Some(Burst { first, last: now });
    }

    /// When [`Debouncer::take`] has something to give; `None` until there is a change.
    pub(super) fn deadline(&self) -> Option<Duration> {
        self.burst
            .map(|burst| (burst.last + QUIET).min(burst.first + LONGEST))
    }

    /// What changed looks half-done, so that another quiet time is waited for. False once the longest time is over.
    pub(super) fn wait_on(&mut self, now: Duration) -> bool {
        match &mut self.burst {
            Some(burst) if now < burst.first + LONGEST => {
                burst.last = now;
                true
            }
            _ => false,
        }
    }

    /// Where a burst is over: when it began. The next change begins another one.
    pub(super) fn take(&mut self, now: Duration) -> Option<Duration> {
        if now < self.deadline()? {
            return None;
        }
        self.burst.take().map(|burst| burst.first)
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    /// Plays changes at these milliseconds, and shows when each burst is over and when it began.
    fn check(changes: impl IntoIterator<Item = u64>, expected: Expect) {
        let mut debouncer = Debouncer::default();
        let mut changes = changes.into_iter().map(Duration::from_millis).peekable();
        let mut shown = Vec::new();
        loop {
            let deadline = debouncer.deadline();
            let now = match (deadline, changes.peek()) {
                (Some(deadline), Some(change)) if deadline <= *change => deadline,
                (_, Some(_)) => {
                    let now = changes.next().unwrap();
                    assert_eq!(
                        debouncer.take(now),
                        None,
                        "it is over no sooner than it says"
                    );
                    debouncer.change(now);
                    continue;
                }
                (Some(deadline), None) => deadline,
                (None, None) => break,
            };
            let began = debouncer.take(now).unwrap();
            shown.push(format!("{} since {}", now.as_millis(), began.as_millis()));
            assert_eq!(debouncer.take(now), None);
        }
        expected.assert_eq(&shown.join(", "));
    }

    #[test]
    fn bursts() {
        check([], expect![[""]]);
        check([7], expect![["107 since 7"]]);
        check([0, 0, 3, 60, 159], expect![["259 since 0"]]);
        check([0, 100], expect![["100 since 0, 200 since 100"]]);
        check([0, 99, 500], expect![["199 since 0, 600 since 500"]]);
    }

    #[test]
    fn what_is_half_done_is_waited_for() {
        let at = Duration::from_millis;
        let mut debouncer = Debouncer::default();
        assert!(!debouncer.wait_on(at(0)));
        debouncer.change(at(0));
        for now in (100..1000).step_by(100) {
            assert_eq!(debouncer.deadline(), Some(at(now)));
            assert!(debouncer.wait_on(at(now)));
        }
        assert_eq!(debouncer.deadline(), Some(at(1000)));
        assert!(!debouncer.wait_on(at(1000)));
        assert_eq!(debouncer.take(at(1000)), Some(at(0)));
    }

    #[test]
    fn what_does_not_stop_is_looked_at_nevertheless() {
        check(
            (0..2500).step_by(10),
            expect![["1000 since 0, 2000 since 1000, 2590 since 2000"]],
        );
    }
}
