//! Who sends.

use crate::question::answer::Principals;

/// Who gets through, or is refused: what can be said of everybody, and the names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callers<'a> {
    /// Those that have no name.
    pub unnamed: &'static str,
    /// The others, as IAM member strings.
    pub named: &'a [String],
}

/// Who is concerned.
pub fn principals(principals: &Principals) -> Callers<'_> {
    let unnamed = match (principals.anonymous, principals.any_account) {
        (true, true) => "anyone (unauthenticated or any Google account)",
        (true, false) => "unauthenticated",
        (false, true) => "any Google account",
        (false, false) => "",
    };
    Callers { unnamed, named: &principals.named }
}

impl Callers<'_> {
    /// It in words, the names as `names` lists them.
    pub fn words(&self, names: impl Fn(&[String]) -> String) -> String {
        match (self.unnamed, self.named) {
            ("", []) => "nobody".into(),
            ("", named) => names(named),
            (unnamed, []) => unnamed.into(),
            (unnamed, named) => format!("{unnamed}, or as {}", names(named)),
        }
    }
}

/// Whose credential it takes, if it takes one: `user:ana@example.com or 2 others`.
pub fn holder(who: &Principals) -> Option<String> {
    if who.anonymous {
        return None;
    }
    if who.any_account {
        return Some("any Google account".into());
    }
    Some(match who.named.as_slice() {
        [] => return None,
        [one] => one.clone(),
        [one, two] => format!("{one} or {two}"),
        [one, rest @ ..] => format!("{one} or {} others", rest.len()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(anonymous: bool, any_account: bool, named: &[&str]) -> Principals {
        let named = named.iter().map(|name| name.to_string()).collect();
        Principals { anonymous, any_account, named }
    }

    #[test]
    fn callers_are_told_as_iam_tells_them() {
        let words = |who: &Principals| principals(who).words(|names| names.join(" or "));
        assert_eq!(words(&who(true, true, &[])), "anyone (unauthenticated or any Google account)");
        assert_eq!(
            words(&who(true, false, &["serviceAccount:x"])),
            "unauthenticated, or as serviceAccount:x"
        );
        assert_eq!(words(&who(true, false, &[])), "unauthenticated");
        assert_eq!(words(&who(false, true, &[])), "any Google account");
        assert_eq!(words(&who(false, false, &["user:a", "user:b"])), "user:a or user:b");
        assert_eq!(words(&who(false, false, &[])), "nobody");
    }

    #[test]
    fn a_credential_is_that_of_somebody() {
        assert_eq!(holder(&who(true, true, &[])), None);
        assert_eq!(holder(&who(false, true, &[])).as_deref(), Some("any Google account"));
        let three = who(false, false, &["user:a", "user:b", "user:c"]);
        assert_eq!(holder(&three).as_deref(), Some("user:a or 2 others"));
    }
}
