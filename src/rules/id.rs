//! Names of rules.

use std::fmt;
use std::num::NonZeroU16;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The two halves of the rulebook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleFamily {
    /// `ING`: who gets in.
    Ingress,
    /// `EGR`: where traffic gets out to, and as which address.
    Egress,
}

impl RuleFamily {
    /// Both, in the order of the rulebook.
    pub const ALL: [RuleFamily; 2] = [RuleFamily::Ingress, RuleFamily::Egress];

    /// The first three letters of an id.
    pub const fn prefix(self) -> &'static str {
        match self {
            RuleFamily::Ingress => "ING",
            RuleFamily::Egress => "EGR",
        }
    }

    /// The number of the last rule. Numbers start at 1 and leave no gap.
    pub const fn last(self) -> u16 {
        const INGRESS: u16 = last_number(include_str!("ingress.yaml"));
        const EGRESS: u16 = last_number(include_str!("egress.yaml"));
        match self {
            RuleFamily::Ingress => INGRESS,
            RuleFamily::Egress => EGRESS,
        }
    }
}

/// The number in the last line of a file that begins a rule: `- id: EGR-238`.
const fn last_number(rules: &str) -> u16 {
    let bytes = rules.as_bytes();
    let mut at = bytes.len() - 13;
    while at > 0 {
        if let [b'-', b' ', b'i', b'd', b':', b' ', _, _, _, b'-', a, b, c, ..] =
            bytes.split_at(at).1
            && bytes[at - 1] == b'\n'
        {
            return (*a - b'0') as u16 * 100 + (*b - b'0') as u16 * 10 + (*c - b'0') as u16;
        }
        at -= 1;
    }
    0
}

/// The id of a rule, such as `ING-014`. It always names a rule that exists.
///
/// Ids order as the rulebook does: `ING` before `EGR`, then by number.
///
/// ```
/// use portolan::rules::RuleId;
///
/// const SHARED_VPC: RuleId = RuleId::ing(14);
/// assert_eq!(SHARED_VPC.to_string(), "ING-014");
/// assert_eq!("ing-014".parse(), Ok(SHARED_VPC));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(NonZeroU16);

/// Added to the number of an egress rule, so that one integer orders both families.
const EGRESS_OFFSET: u16 = 1000;

impl RuleId {
    /// The ingress rule of that number.
    ///
    /// # Panics
    ///
    /// If there is none; in a constant that is an error of compilation.
    pub const fn ing(number: u16) -> RuleId {
        match RuleId::new(RuleFamily::Ingress, number) {
            Some(id) => id,
            None => panic!("no ingress rule has this number"),
        }
    }

    /// The egress rule of that number.
    ///
    /// # Panics
    ///
    /// If there is none; in a constant that is an error of compilation.
    pub const fn egr(number: u16) -> RuleId {
        match RuleId::new(RuleFamily::Egress, number) {
            Some(id) => id,
            None => panic!("no egress rule has this number"),
        }
    }

    /// The rule of that family and number, if there is one.
    pub const fn new(family: RuleFamily, number: u16) -> Option<RuleId> {
        if number == 0 || number > family.last() {
            return None;
        }
        let offset = match family {
            RuleFamily::Ingress => 0,
            RuleFamily::Egress => EGRESS_OFFSET,
        };
        match NonZeroU16::new(offset + number) {
            Some(packed) => Some(RuleId(packed)),
            None => None,
        }
    }

    /// Every id there is, in order.
    pub fn every() -> impl Iterator<Item = RuleId> {
        RuleFamily::ALL
            .into_iter()
            .flat_map(|family| (1..=family.last()).filter_map(move |n| RuleId::new(family, n)))
    }

    /// The half of the rulebook that holds the rule.
    pub const fn family(self) -> RuleFamily {
        if self.0.get() > EGRESS_OFFSET { RuleFamily::Egress } else { RuleFamily::Ingress }
    }

    /// The number within the family, from 1.
    pub const fn number(self) -> u16 {
        match self.family() {
            RuleFamily::Ingress => self.0.get(),
            RuleFamily::Egress => self.0.get() - EGRESS_OFFSET,
        }
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:03}", self.family().prefix(), self.number())
    }
}

impl fmt::Debug for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a text is not the id of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotARule {
    /// It has another form.
    Form(String),
    /// It has the form, but no rule of the family has that number.
    Number(String, RuleFamily),
}

impl fmt::Display for NotARule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotARule::Form(text) => {
                write!(
                    f,
                    "`{text}` is not the id of a rule, which looks like `ING-014` or `EGR-070`"
                )
            }
            NotARule::Number(text, family) => {
                let (prefix, last) = (family.prefix(), family.last());
                write!(
                    f,
                    "there is no rule `{text}`: they go from {prefix}-001 to {prefix}-{last:03}"
                )
            }
        }
    }
}

impl std::error::Error for NotARule {}

impl FromStr for RuleId {
    type Err = NotARule;

    /// Reads an id; letters may be lower case, and leading zeros may be missing.
    fn from_str(text: &str) -> Result<RuleId, NotARule> {
        let form = || NotARule::Form(text.to_owned());
        let (prefix, digits) = text.split_once('-').ok_or_else(form)?;
        let family = RuleFamily::ALL
            .into_iter()
            .find(|family| family.prefix().eq_ignore_ascii_case(prefix))
            .ok_or_else(form)?;
        if !(1..=3).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(form());
        }
        let number = digits.parse().map_err(|_| form())?;
        RuleId::new(family, number).ok_or_else(|| NotARule::Number(text.to_owned(), family))
    }
}

impl Serialize for RuleId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RuleId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<RuleId, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FIRST: RuleId = RuleId::ing(1);
    const LAST: RuleId = RuleId::egr(RuleFamily::Egress.last());

    #[test]
    fn the_last_number_is_that_of_the_last_rule() {
        assert_eq!(last_number("- id: ING-001\n  text: a\n\n- id: ING-042\n  text: b\n"), 42);
        assert!(RuleFamily::ALL.iter().all(|family| family.last() > 200));
    }

    #[test]
    fn ids_are_small_and_in_order() {
        assert_eq!(size_of::<Option<RuleId>>(), 2);
        let every: Vec<RuleId> = RuleId::every().collect();
        let last = RuleFamily::ALL.map(|family| usize::from(family.last()));
        assert_eq!(every.len(), last.iter().sum::<usize>());
        assert!(every.is_sorted_by(|a, b| a < b));
        assert_eq!((every[0], every[every.len() - 1]), (FIRST, LAST));
    }

    #[test]
    fn a_text_that_is_no_rule_says_why() {
        let message = |text: &str| text.parse::<RuleId>().unwrap_err().to_string();
        let none = |text: &str, first: RuleId, last: RuleId| {
            format!("there is no rule `{text}`: they go from {first} to {last}")
        };
        let ingress = RuleId::ing(RuleFamily::Ingress.last());
        assert_eq!(message("ING-900"), none("ING-900", FIRST, ingress));
        assert_eq!(message("egr-0"), none("egr-0", RuleId::egr(1), LAST));
        for text in ["", "ING", "ING-", "ING014", "ING-+14", "ING-0014", "ABC-014", "ING-١"] {
            assert_eq!(
                message(text),
                format!(
                    "`{text}` is not the id of a rule, which looks like `ING-014` or `EGR-070`"
                )
            );
        }
    }

    proptest! {
        #[test]
        fn an_id_is_read_back_as_written(egress: bool, number in 0_u16..1100) {
            let family = if egress { RuleFamily::Egress } else { RuleFamily::Ingress };
            let text = format!("{}-{number:03}", family.prefix());
            match RuleId::new(family, number) {
                Some(id) => {
                    prop_assert_eq!(id.to_string(), &*text);
                    prop_assert_eq!((id.family(), id.number()), (family, number));
                    prop_assert_eq!(text.parse(), Ok(id));
                    prop_assert_eq!(text.to_lowercase().parse(), Ok(id));
                }
                None => prop_assert!(text.parse::<RuleId>().is_err()),
            }
        }

        #[test]
        fn reading_an_id_never_panics(text in "\\PC{0,12}") {
            if let Ok(id) = text.parse::<RuleId>() {
                prop_assert_eq!(id.to_string().parse(), Ok(id));
            }
        }
    }
}
