//! A director names who decides in their absence.

use crate::scene::{CALL, begin, page_of};

const LAST_DAY: [(&str, &str); 3] = [
    ("until-day", "26"),
    ("until-month", "10"),
    ("until-year", "2020"),
];

#[tokio::test(flavor = "multi_thread")]
async fn m28_a_director_names_a_deputy_beside_the_decision_and_the_deputy_decides() {
    let scene = begin().await;
    let case = scene.raise().await;
    let page = page_of(&case);
    scene.acknowledge(&case).await;
    scene.go_to(23, 12, 40).await;
    let mut desk = scene.desk("").await;
    desk.open(&page).await;
    desk.submit("/call", &CALL).await;

    let mut london = scene.director("london").await;
    london.open(&page).await;
    assert_eq!(london.page.status, 404, "another region's");
    let mut director = scene.director("east-midlands").await;
    director
        .open(&page)
        .await
        .says("Name a deputy who decides while you are absent");
    director
        .open("/deputies")
        .await
        .says("Nobody is your deputy, today or later.");
    director.submit("/name", &[]).await;
    assert_eq!(director.page.status, 422);
    director.page.says("Enter the deputy’s code");
    director.page.says("Enter the deputy’s last day");
    let named: Vec<_> = LAST_DAY
        .into_iter()
        .chain([("principal", "RD-LONDON")])
        .collect();
    director.submit("/name", &named).await;
    assert_eq!(director.page.status, 200, "{}", director.page.text());
    director.page.says("The deputy is on the register.");
    director.page.says("Monday 26 October 2020");

    london.open(&page).await.says("Is an NFD necessary?");
    let decision = [("required", "yes"), ("rationale", "No leader today.")];
    london.submit("/decision", &decision).await;
    london.page.says("NFD required");
    london
        .page
        .says("Decided by the deputy: an NFD is necessary");

    director.open("/deputies").await;
    let form = director.page.body.split("action=\"/deputies/").nth(1);
    let form = form.and_then(|rest| rest.split('"').next());
    let form = form.expect("a form that ends it").to_owned();
    director.submit(&form, &[]).await;
    director.page.says("The deputy’s last day is today.");
    director.page.says_nothing_of("Monday 26 October 2020");
    scene.go_to(24, 9, 0).await;
    let mut london = scene.director("london").await;
    london.open(&page).await;
    assert_eq!(london.page.status, 404, "no longer");
}

#[tokio::test(flavor = "multi_thread")]
async fn m28_nobody_names_themselves_or_a_deputy_of_a_region_that_they_do_not_direct() {
    let scene = begin().await;
    let mut director = scene.director("east-midlands").await;
    director.open("/deputies").await;
    let fields = |region, principal| {
        let mut fields = LAST_DAY.to_vec();
        fields.extend([("region", region), ("principal", principal)]);
        fields
    };
    director
        .submit("/name", &fields("east-midlands", "RD-EAST-MIDLANDS"))
        .await;
    assert_eq!(director.page.status, 403);
    director
        .page
        .says("Nobody enters themselves on the register");
    director
        .submit("/name", &fields("london", "RD-LONDON"))
        .await;
    assert_eq!(director.page.status, 403);
    director
        .page
        .says("Only the director of london names a deputy");
    let mut desk = scene.desk("").await;
    desk.open("/deputies").await;
    desk.page.says("You are not on the register");
    desk.page.says_nothing_of("Name the deputy");
}
