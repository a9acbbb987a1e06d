//! The forms of an English word: who looks for `running` finds `run`, for `kettle` `kettles`.
//!
//! A few endings and nothing of a dictionary: forms that are no words are found nowhere. Words of other
//! languages have none. Bounded by the endings.

/// Letters of a word that has forms at least, and of what is left of one without its ending.
const LEAST: usize = 3;

/// Endings that say of a word nothing new.
const ENDINGS: [&str; 4] = ["s", "es", "ed", "ing"];

/// The other forms of a word, sorted; they begin with the same letter.
#[must_use]
pub fn of(word: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    if word.len() < LEAST || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return all;
    }
    for stem in stems(word) {
        let silent = stem
            .strip_suffix('e')
            .filter(|rest| rest.len() + 1 >= LEAST);
        let doubled = double(&stem);
        for ending in ENDINGS {
            all.push(format!("{stem}{ending}"));
            if ending == "ed" || ending == "ing" {
                let others = [silent, doubled.as_deref()].into_iter().flatten();
                all.extend(others.map(|stem| format!("{stem}{ending}")));
            }
        }
        if let Some(rest) = stem.strip_suffix('y') {
            all.extend([format!("{rest}ies"), format!("{rest}ied")]);
        }
        all.push(stem);
    }
    all.sort_unstable();
    all.dedup();
    all.retain(|form| form != word);
    all
}

/// What a word may be a form of: it itself, and what is left without an ending.
fn stems(word: &str) -> Vec<String> {
    let mut all = vec![word.to_owned()];
    let endings = ENDINGS
        .iter()
        .filter(|ending| **ending != "s" || !word.ends_with("ss"));
    for rest in endings.filter_map(|ending| word.strip_suffix(ending)) {
        all.push(rest.to_owned());
        let mut letters = rest.chars().rev();
        let (last, before) = (letters.next(), letters.next());
        if last == before {
            all.extend(
                last.and_then(|last| rest.strip_suffix(last))
                    .map(str::to_owned),
            );
        }
        if word.ends_with("ing") || word.ends_with("ed") {
            all.push(format!("{rest}e"));
        }
    }
    let ies = word
        .strip_suffix("ies")
        .or_else(|| word.strip_suffix("ied"));
    all.extend(ies.map(|rest| format!("{rest}y")));
    all.retain(|stem| stem.len() >= LEAST);
    all
}

/// The same with its last letter twice, where English does so: a consonant after a vowel.
fn double(stem: &str) -> Option<String> {
    let is_vowel = |c: char| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u');
    let mut letters = stem.chars().rev();
    let (last, before) = (letters.next()?, letters.next()?);
    let doubles = is_vowel(before) && !is_vowel(last) && !matches!(last, 'w' | 'x' | 'y');
    doubles.then(|| format!("{stem}{last}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_a_word_are_found_from_each_of_them() {
        for family in [
            &["run", "runs", "running"][..],
            &["kettle", "kettles"],
            &["deploy", "deploys", "deployed", "deploying"],
            &["make", "makes", "making"],
            &["party", "parties"],
            &["box", "boxes"],
            &["stop", "stopped", "stopping", "stops"],
        ] {
            for one in family {
                let forms = of(one);
                for other in family.iter().filter(|other| *other != one) {
                    assert!(
                        forms.iter().any(|form| form == other),
                        "{one} {other}: {forms:?}"
                    );
                }
                assert!(forms.is_sorted() && !forms.iter().any(|form| form == one));
                assert!(
                    forms
                        .iter()
                        .all(|form| form.chars().next() == one.chars().next())
                );
                assert!(forms.len() < 60, "{one}: {}", forms.len());
            }
        }
        for (one, other) in [
            ("thing", "th"),
            ("class", "clas"),
            ("king", "k"),
            ("tea", "teapot"),
        ] {
            assert!(!of(one).iter().any(|form| form == other), "{one} {other}");
        }
        assert!(of("de").is_empty() && of("привет").is_empty() && of("x86").is_empty());
    }
}
