//! When people talk: by day and in the evening, hardly at night.

use super::dice::Dice;
use crate::text::catalog::Lang;

/// A minute, in ms.
pub const MINUTE: i64 = 60_000;
/// An hour, in ms.
pub const HOUR: i64 = 60 * MINUTE;
/// A day, in ms.
pub const DAY: i64 = 24 * HOUR;

/// Share of messages in each hour of the local day.
const BY_HOUR: [i64; 24] = [
    3, 1, 1, 0, 0, 1, 3, 7, 11, 14, 14, 12, 13, 10, 11, 12, 11, 11, 12, 15, 19, 20, 15, 8,
];

/// Offset of local time from UTC, in ms.
fn offset(lang: Lang) -> i64 {
    match lang {
        Lang::Zh => 8 * HOUR,
        Lang::En => 0,
    }
}

/// A time from `from` to below `until` (ms since 1970) at which people of `lang` talk.
pub fn moment(lang: Lang, from: i64, until: i64, dice: &mut Dice) -> i64 {
    let days = ((until - from) / DAY).max(1);
    let midnight = (until + offset(lang)).div_euclid(DAY) * DAY - offset(lang);
    let day = midnight - dice.between(0, days - 1) * DAY;
    let mut left = dice.between(0, BY_HOUR.iter().sum::<i64>() - 1);
    let mut hour = 0;
    for weight in BY_HOUR {
        if left < weight {
            break;
        }
        left -= weight;
        hour += 1;
    }
    let at = day + hour * HOUR + dice.between(0, HOUR - 1);
    // What would be later than now is moved to the first day.
    let at = if at < until { at } else { at - days * DAY };
    at.clamp(from, (until - 1).max(from))
}

/// How long somebody takes to answer, in ms.
pub fn pause(dice: &mut Dice) -> i64 {
    let seconds = match dice.below(10) {
        0 => dice.between(120, 600),
        1..=3 => dice.between(35, 120),
        _ => dice.between(4, 35),
    };
    seconds * 1_000 + dice.between(0, 999)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_said_outside_the_time_and_little_at_night() {
        let (mut dice, until) = (Dice::new(3), 1_700_000_123_456);
        let from = until - 60 * DAY;
        let mut night = 0;
        for _ in 0..10_000 {
            let at = moment(Lang::Zh, from, until, &mut dice);
            assert!((from..until).contains(&at));
            let hour = (at + 8 * HOUR).rem_euclid(DAY) / HOUR;
            night += usize::from((1..6).contains(&hour));
        }
        assert!(night < 500, "{night} of 10,000");
    }
}
