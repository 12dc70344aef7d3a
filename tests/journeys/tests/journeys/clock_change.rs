//! Forty-eight hours that run out, over the night in which the clocks go back.

use visits::demo::answered::Answered as _;
use visits::demo::case;
use visits::demo::stage::at;
use visits::demo::stories::clock_change;
use visits_core::{SignedDuration, london};
use visits_journeys::topology::Topology;
use visits_journeys::{assert_at_rest, begin, on_every_topology};
use visits_proto::escalation::v1 as escalation;
use visits_proto::instant;
use visits_proto::letters::v1 as letters;

on_every_topology!(m29_the_deadline_passes_once_after_four_warnings_and_the_nfd_still_starts,);

async fn m29_the_deadline_passes_once_after_four_warnings_and_the_nfd_still_starts(
    topology: Topology,
) {
    let mut journey = begin(topology).await;
    let stage = &mut journey.stage;
    let visit = clock_change::prepare(stage).await.expect("planned");
    stage.go_to(at(10, 22, 10, 0)).await.expect("time moves");
    clock_change::call(stage, &visit).await.expect("called");
    let breached = clock_change::play(stage, &visit, &journey.bank)
        .await
        .expect("the 48 hours run out");

    let case = case::get(stage, &breached.case).await.expect("the case");
    let decided = at(10, 23, 14, 30);
    let deadline = decided + SignedDuration::from_hours(48);
    assert_eq!(
        london::spoken(deadline),
        "Sunday 25 October 2020 at 1:30pm GMT"
    );
    let window = case.window.as_ref().expect("the 48 hours");
    assert_eq!(instant(window.start_time.as_ref()), Some(decided));
    assert_eq!(instant(window.deadline_time.as_ref()), Some(deadline));
    assert_eq!(instant(window.breached_time.as_ref()), Some(deadline));
    let warnings: Vec<_> = window
        .warnings
        .iter()
        .map(|warning| {
            let given = instant(warning.given_time.as_ref()).expect("given");
            (warning.hours_left, given, warning.late)
        })
        .collect();
    let expected = [24, 12, 4, 1].map(|hours: i32| {
        let due = deadline - SignedDuration::from_hours(hours.into());
        (hours, due, false)
    });
    assert_eq!(warnings, expected);

    let said = stage
        .said_about("escalation.case", &breached.case)
        .await
        .expect("the feed");
    let times = |name: &str| said.iter().filter(|event| *event == name).count();
    assert_eq!(times("NfdDeadlineBreached"), 1, "{said:?}");
    assert_eq!(times("NfdDeadlineWarning"), 4, "{said:?}");
    let started = case
        .nfd
        .as_ref()
        .and_then(|nfd| instant(nfd.started_time.as_ref()));
    assert_eq!(started, Some(at(10, 26, 9, 0)), "the case stayed open");
    assert_eq!(case.state(), escalation::case::State::NfdComplete);

    let section5 = case::get(stage, &breached.case)
        .await
        .expect("the case")
        .section5;
    let section5 = section5.expect("a recommendation");
    assert_eq!(section5.handed_over_time, None, "m33: held while suspended");
    let request = letters::GetLetterRequest {
        name: breached.interim_letter.clone(),
    };
    let mut client = stage.caller("publisher").letters();
    let letter = client
        .get_letter(request)
        .await
        .granted()
        .expect("the letter");
    assert_eq!(letter.state(), letters::letter::State::Superseded, "m30");
    assert_at_rest(stage).await;
}
