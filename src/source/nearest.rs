//! The word that was probably meant.

/// The candidate that is nearest to `word`, if one is near enough to be what was meant.
///
/// Case, `-` and `_` do not count, so that `internalOnly` finds `internal-only`. Of equally near
/// candidates the first wins.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = plain(word);
    let length = word.chars().count();
    if length == 0 {
        return None;
    }
    let allowed = (length / 3).max(1);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let other = plain(candidate);
        let difference = other.chars().count().abs_diff(length);
        // A single letter is near to every other one.
        if difference > allowed || (length == 1 && other != word) {
            continue;
        }
        let distance = strsim::osa_distance(&word, &other);
        if distance <= allowed && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

fn plain(word: &str) -> String {
    word.chars().filter(|c| !matches!(c, '-' | '_')).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn near_words_are_found() {
        assert_eq!(nearest("regoin", ["project", "region"]), Some("region"));
        assert_eq!(nearest("vpcAccess", ["vpc_access"]), Some("vpc_access"));
        assert_eq!(nearest("web2", ["web1", "web", "api"]), Some("web1"));
    }

    #[test]
    fn far_words_are_not() {
        assert_eq!(nearest("a", ["b", "c"]), None);
        assert_eq!(nearest("", ["b"]), None);
        assert_eq!(nearest("web", ["api", "database"]), None);
        assert_eq!(nearest("--", ["b"]), None);
    }
}
