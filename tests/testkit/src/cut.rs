//! Cut everywhere: a scenario is run once for each place at which a step can be cut short, and
//! once more after the cut; what it asserts must hold each time.

/// More places than any step passes.
const PLACES_MAX: u32 = 200;

/// Runs `scenario` with 0, 1, 2 … places let pass before the cut, until the cut isn't reached any
/// more. The scenario arranges, calls `durable.cuts().after(n)`, acts, takes the cut back with
/// `clear()`, acts again, asserts, and answers whether the cut had been reached.
///
/// Returns how many places were cut; a scenario that passes none proves nothing and panics.
pub async fn at_every_cut<F, Fut>(scenario: F) -> u32
where
    F: Fn(u32) -> Fut,
    Fut: Future<Output = bool>,
{
    for place in 0..PLACES_MAX {
        if !scenario(place).await {
            assert!(place > 0, "the scenario passed no place that can be cut");
            return place;
        }
    }
    panic!("still cutting after {PLACES_MAX} places");
}
