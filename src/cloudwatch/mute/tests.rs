//! The documented schedules, time zones, and a count of minutes by brute force.

use proptest::prelude::*;

use super::*;

fn rule(expression: &str, duration: &str, timezone: Option<&str>) -> MuteRule {
    MuteRule {
        name: "nightly".into(),
        arn: "arn:aws:cloudwatch:eu-central-1:111122223333:alarm-mute-rule:nightly".into(),
        status: None,
        alarms: Vec::new(),
        expression: Some(expression.into()),
        duration: Some(duration.into()),
        timezone: timezone.map(str::to_owned),
        starts: None,
        expires: None,
    }
}

fn schedule(expression: &str, duration: &str) -> Schedule {
    Schedule::read(&rule(expression, duration, None)).unwrap()
}

fn at(text: &str) -> Timestamp {
    format!("{text}:00Z").parse().unwrap()
}

fn windows(schedule: &Schedule, from: &str, until: &str) -> Vec<String> {
    let written = |at: Timestamp| at.strftime("%a %d %H:%M").to_string();
    let windows = schedule.windows(&(at(from)..at(until)));
    windows.into_iter().map(|window| format!("{} to {}", written(window.start), written(window.end))).collect()
}

#[test]
fn the_longest_window_is_told_whole_and_windows_that_touch_are_one() {
    let week = || at("2024-05-13T03:00")..at("2024-05-20T03:00");
    let hours = |schedules: &[Schedule]| longest(schedules, &week()).map(|long| long.as_hours());
    let night = || schedule("cron(0 22 * * *)", "PT10H");
    assert_eq!(hours(&[night()]), Some(10), "the one that the week begins in counts by the next");
    assert_eq!(hours(&[night(), schedule("cron(0 8 * * *)", "PT2H")]), Some(12));
    assert_eq!(hours(&[schedule("cron(0 2 * * MON)", "P3D")]), Some(72), "it begins in the last hour of the week");
    assert_eq!(hours(&[schedule("cron(0 0 * * *)", "P1D")]), None, "it never ends");
    assert_eq!(hours(&[]), Some(0));
}

#[test]
fn the_documented_schedules_mute_when_their_words_say_so() {
    let cases: [(&str, &str, &str, &[&str]); 6] = [
        // "every Sunday from 2:00 AM to 6:00 AM"
        ("cron(0 2 * * SUN)", "PT4H", "2024-05-13T00:00", &["Sun 12 02:00 to Sun 12 06:00"]),
        // "on the first day of each month from 1:00 AM to 7:00 AM"
        ("cron(0 1 1 * *)", "PT6H", "2024-05-04T00:00", &["Wed 01 01:00 to Wed 01 07:00"]),
        // "every weekend from Friday 6:00 PM to Monday 6:00 AM"
        ("cron(0 18 * * FRI)", "P2DT12H", "2024-05-14T00:00", &["Fri 10 18:00 to Mon 13 06:00"]),
        // "every day from 11:00 PM to 1:00 AM"
        (
            "cron(0 23 * * *)",
            "PT2H",
            "2024-05-09T00:00",
            &["Tue 07 00:00 to Tue 07 01:00", "Tue 07 23:00 to Wed 08 01:00", "Wed 08 23:00 to Thu 09 00:00"],
        ),
        // "on May 10, 2024 from 2:00 PM to 6:00 PM"
        ("at(2024-05-10T14:00)", "PT4H", "2024-05-12T00:00", &["Fri 10 14:00 to Fri 10 18:00"]),
        // "for the entire week of December 23-29, 2024"
        ("at(2024-12-23T00:00)", "P7D", "2025-01-10T00:00", &["Mon 23 00:00 to Mon 30 00:00"]),
    ];
    for (expression, duration, until, expected) in cases {
        let from = match expression {
            "cron(0 1 1 * *)" => "2024-05-01T00:00",
            "at(2024-12-23T00:00)" => "2024-12-20T00:00",
            _ => "2024-05-07T00:00",
        };
        assert_eq!(windows(&schedule(expression, duration), from, until), expected, "{expression}");
    }
}

#[test]
fn fields_are_lists_and_ranges_of_numbers_and_names() {
    let on = |fields: &str| Cron::read(fields).map(|cron| (cron.times().count(), cron));
    assert_eq!(on("0,30 8-17 * * MON-FRI").map(|it| it.0), Some(20));
    let days = |fields: &str| {
        let cron = Cron::read(fields).unwrap();
        let first: Date = "2024-05-05".parse().unwrap(); // A Sunday.
        first.series(Span::new().days(1)).take(7).filter(|day| cron.on(*day)).map(|day| day.day()).collect::<Vec<_>>()
    };
    assert_eq!(days("0 0 * * 0"), [5]);
    assert_eq!(days("0 0 * * 7"), [5]);
    assert_eq!(days("0 0 * * mon-sun"), [5, 6, 7, 8, 9, 10, 11]);
    assert_eq!(days("0 0 * * FRI-SUN"), [5, 10, 11]);
    assert_eq!(days("0 0 8 * SAT"), [8, 11], "days of the month and of the week add up");
    assert_eq!(days("0 0 8,9 5 *"), [8, 9]);
    assert_eq!(days("0 0 8 JUN-DEC *"), Vec::<i8>::new());
    for wrong in [
        "",
        "0 2 * *",
        "0 2 * * * *",
        "60 2 * * *",
        "*/5 * * * *",
        "0 24 * * *",
        "0 0 0 * *",
        "0 0 * 13 *",
        "0 0 * * 8",
        "0 0 * * FRI-MON",
        "0 0 L * *",
        "0 0 ? * *",
        "-1 0 * * *",
        "0 0 * * +1",
        "1- 0 * * *",
    ] {
        assert_eq!(Cron::read(wrong), None, "{wrong}");
    }
}

#[test]
fn a_schedule_is_in_its_own_time_zone_and_one_that_is_not_known_is_not_guessed() {
    let berlin = Schedule::read(&rule("cron(0 2 * * *)", "PT1H", Some("Europe/Berlin"))).unwrap();
    assert_eq!(windows(&berlin, "2024-01-10T00:00", "2024-01-11T00:00"), ["Wed 10 01:00 to Wed 10 02:00"]);
    assert_eq!(windows(&berlin, "2024-07-10T00:00", "2024-07-11T00:00"), ["Wed 10 00:00 to Wed 10 01:00"]);
    let nowhere = Schedule::read(&rule("cron(0 2 * * *)", "PT1H", Some("Europe/Atlantis")));
    assert_eq!(nowhere.unwrap_err(), Unreadable::Zone("Europe/Atlantis".into()));
}

#[test]
fn what_is_not_written_as_documented_is_refused() {
    for expression in ["rate(1 hour)", "cron(0 2 * * *", "at(tomorrow)", "at()", "0 2 * * *", ""] {
        let read = Schedule::read(&rule(expression, "PT1H", None));
        assert_eq!(read.unwrap_err(), Unreadable::Expression(expression.into()));
    }
    for duration in ["PT59S", "P15DT1M", "P1M", "1h30", "-PT1H", ""] {
        let read = Schedule::read(&rule("cron(0 2 * * *)", duration, None));
        assert_eq!(read.unwrap_err(), Unreadable::Duration(duration.into()));
    }
    let missing = MuteRule { duration: None, ..rule("cron(0 2 * * *)", "", None) };
    assert_eq!(Schedule::read(&missing).unwrap_err(), Unreadable::Missing("duration"));
}

#[test]
fn nothing_is_muted_before_the_start_or_after_the_end() {
    let mut rule = rule("cron(0 2 * * *)", "PT4H", None);
    rule.starts = Some(at("2024-05-08T00:00"));
    rule.expires = Some(at("2024-05-09T03:00"));
    let schedule = Schedule::read(&rule).unwrap();
    let expected = ["Wed 08 02:00 to Wed 08 06:00", "Thu 09 02:00 to Thu 09 03:00"];
    assert_eq!(windows(&schedule, "2024-05-01T00:00", "2024-06-01T00:00"), expected);
}

#[test]
fn it_says_whether_it_mutes_and_until_when() {
    let nightly = schedule("cron(0 2 * * *)", "PT4H");
    assert!(nightly.mutes(at("2024-05-08T02:00")) && nightly.mutes(at("2024-05-08T05:59")));
    assert!(!nightly.mutes(at("2024-05-08T01:59")) && !nightly.mutes(at("2024-05-08T06:00")));
    assert_eq!(nightly.mutes_until(at("2024-05-08T03:00")), Some(at("2024-05-08T06:00")));
    assert_eq!(nightly.mutes_until(at("2024-05-08T07:00")), None);
    assert_eq!(schedule("cron(0 0 * * *)", "P1D").mutes_until(at("2024-05-08T07:00")), None, "for ever");
}

#[test]
fn several_rules_mute_together() {
    let week = at("2024-05-06T00:00")..at("2024-05-13T00:00");
    let nightly = schedule("cron(0 2 * * *)", "PT4H");
    let weekend = schedule("cron(0 0 * * SAT)", "P2D");
    assert!((share([&nightly], &week) - 4.0 / 24.0).abs() < 1e-9);
    let both = (5.0 * 4.0 + 48.0) / 168.0;
    assert!((share([&nightly, &weekend], &week) - both).abs() < 1e-9);
    assert!(share([], &week).abs() < 1e-9 && share([&nightly], &(week.start..week.start)).abs() < 1e-9);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_share_is_what_counting_minutes_yields(
        minute in 0..60_u8,
        hours in prop::collection::btree_set(0..24_u8, 1..4),
        weekday in prop::sample::select(vec!["*", "MON", "SAT,SUN", "2-4"]),
        lasts in 1..4_000_u32,
        zone in prop::sample::select(vec![None, Some("Europe/London"), Some("Asia/Kolkata"), Some("America/New_York")]),
        day in 0..300_i64,
    ) {
        let hours: Vec<String> = hours.iter().map(u8::to_string).collect();
        let text = format!("cron({minute} {} * * {weekday})", hours.join(","));
        let schedule = Schedule::read(&rule(&text, &format!("PT{lasts}M"), zone)).unwrap();
        let start = at("2024-01-01T00:00") + SignedDuration::from_hours(24 * day);
        let span = start..start + SignedDuration::from_hours(48);
        let muted = (0..48 * 60).filter(|minute| schedule.mutes(start + SignedDuration::from_mins(*minute))).count();
        let share = share([&schedule], &span);
        prop_assert!((0.0..=1.0).contains(&share));
        prop_assert!((share - muted as f64 / (48.0 * 60.0)).abs() < 1e-9, "{} {}", share, muted);
    }

    #[test]
    fn no_text_makes_it_panic(expression in "(cron\\(|at\\()?[-0-9A-Z*,/ ]{0,16}\\)?", duration in "P?[0-9DTHMS]{0,6}") {
        if let Ok(schedule) = Schedule::read(&rule(&expression, &duration, None)) {
            let span = at("2024-01-01T00:00")..at("2024-01-03T00:00");
            prop_assert!((0.0..=1.0).contains(&share([&schedule], &span)));
            schedule.mutes(Timestamp::MIN);
            schedule.mutes(Timestamp::MAX);
        }
    }
}
