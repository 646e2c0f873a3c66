//! No text makes the checks panic.

use proptest::prelude::*;

use super::all;
use super::found;

/// The words of all examples, which a text is changed with.
fn words() -> Vec<&'static str> {
    let mut words: Vec<&str> = all()
        .flat_map(|info| info.example.split([' ', '\n', '{', '}', '[', ']', ',']))
        .filter(|word| !word.is_empty() && !word.ends_with(':'))
        .collect();
    words.extend([
        "",
        "*",
        "true",
        "false",
        "0",
        "4294967295",
        "{unknown: why}",
        "0.0.0.0/0",
        "::/0",
    ]);
    words.extend(["project/shop", "prod/run", "prod/", "/", "nat/", "<service>", "\"\"", "é"]);
    words.extend(["{unknown: why, candidates: [web, all, prod]}", "backend_bucket/web"]);
    words.sort_unstable();
    words.dedup();
    words
}

/// Puts words in the place of values.
fn changed(text: &str, changes: &[(prop::sample::Index, prop::sample::Index)]) -> String {
    let words = words();
    let mut pieces: Vec<String> =
        text.split_inclusive([' ', ',', '{', '}', '[', ']', '\n']).map(str::to_owned).collect();
    for (place, word) in changes {
        if pieces.is_empty() {
            break;
        }
        let at = place.index(pieces.len());
        let piece = &pieces[at];
        let value = piece.trim_end_matches([' ', ',', '{', '}', '[', ']', '\n']);
        if value.is_empty() || value.ends_with(':') {
            continue;
        }
        let end = piece[value.len()..].to_owned();
        pieces[at] = format!("{}{end}", words[word.index(words.len())]);
    }
    pieces.concat()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_change_of_an_example_makes_a_panic(
        one in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
        changes in prop::collection::vec(any::<(prop::sample::Index, prop::sample::Index)>(), 0..6),
    ) {
        let examples: Vec<&str> = all().map(|info| info.example).collect();
        let text = (*one.get(&examples)).to_owned();
        let _ = found(&changed(&text, &changes));
        let _ = found(&format!("{text}{}", other.get(&examples)));
    }

    #[test]
    fn no_loss_of_a_line_makes_a_panic(
        one in any::<prop::sample::Index>(),
        lost in any::<prop::sample::Index>(),
    ) {
        let examples: Vec<&str> = all().map(|info| info.example).collect();
        let lines: Vec<&str> = one.get(&examples).lines().collect();
        if !lines.is_empty() {
            let lost = lost.index(lines.len());
            let kept: Vec<&str> =
                lines.iter().enumerate().filter(|(at, _)| *at != lost).map(|(_, line)| *line).collect();
            let _ = found(&kept.join("\n"));
        }
    }
}
