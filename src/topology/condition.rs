//! When a rule applies: a boolean combination of tests on one request.
//!
//! A [`Condition`] is what is left of a match block or of a CEL expression once its syntax is
//! gone. Security policy rules, IAM bindings and NAT rules all share it; [`super::cel`] reads it
//! from text, the basic match of a security policy (ING-127) builds it directly.
//!
//! A condition is either true or false of a request. CEL has a third outcome, the evaluation
//! error, which never lets a rule match; the reader resolves it into [`Test::Present`], so that
//! nobody after it has to know.

use std::fmt;

use indexmap::IndexSet;
use ipnet::IpNet;
use jiff::Timestamp;

/// A boolean combination of tests on a request.
///
/// Build it with [`Condition::all`], [`Condition::any`] and [`Condition::not`]: they leave no
/// constant, no repetition and no nesting of the same kind inside the result.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Condition {
    /// Every request.
    Always,
    /// No request.
    Never,
    /// The requests that meet each of these.
    All(Vec<Condition>),
    /// The requests that meet at least one of these.
    Any(Vec<Condition>),
    /// The requests that do not meet this.
    Not(Box<Condition>),
    /// The requests that pass this test.
    Test(Test),
    /// A part whose truth is not decided: it may be true or false of any request.
    Unmodelled(Unmodelled),
}

/// The smallest part of an expression that is read, but not decided.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Unmodelled {
    /// The part as it is written.
    pub text: String,
    /// Why it is not decided; a clause that can follow "not decided:".
    pub reason: String,
    /// Where the part starts in the expression, in bytes.
    pub start: u32,
    /// Where the part ends in the expression, in bytes, exclusive.
    pub end: u32,
}

/// A question to one request, with a yes-or-no answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Test {
    /// The address lies in one of the ranges (`==`, `in`, `inIpRange`; ING-127, ING-130).
    Address {
        /// Whose address.
        field: AddressField,
        /// The ranges, host bits cleared; a single address is a /32 or /128.
        ranges: Vec<IpNet>,
    },
    /// `origin.region_code` is one of these ISO 3166-1 alpha-2 codes (ING-129).
    Region(Vec<String>),
    /// `origin.asn` lies in one of these ranges, both ends included (ING-129).
    Asn(Vec<(u32, u32)>),
    /// A text of the request passes a test; false where the text is absent (ING-131).
    Text {
        /// Which text.
        field: TextAttribute,
        /// What is asked of it.
        test: TextTest,
        /// Whether ASCII case is ignored, as after `lower()` or `upper()` (ING-130). For
        /// [`TextTest::Matches`] the pattern is then case-insensitive for ASCII letters.
        ignore_case: bool,
    },
    /// The text is there, whatever it says: `has(…)` (ING-131).
    Present(TextAttribute),
    /// A property of the request that nothing else determines: it may be either, independently.
    Condition(FreeCondition),
    /// The address is in an address group (`evaluateAddressGroup`, ING-130).
    AddressGroup {
        /// The group as the expression names it: a bare name or a full resource name.
        name: String,
        /// Whether it is a group of the organization rather than of the project.
        organization: bool,
        /// Whose address.
        field: AddressField,
    },
    /// The access level is among `request.auth.access_levels` (ING-068: only IAP provides
    /// them; anywhere else the test never grants, ING-069). The full resource name, such as
    /// `accessPolicies/123/accessLevels/office`.
    AccessLevel(String),
    /// `request.time` lies in the range (ING-067).
    Time(TimeRange),
}

/// An address that a rule can ask about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AddressField {
    /// `origin.ip`: the TCP peer of the load balancer (ING-132).
    Origin,
    /// `origin.user_ip`: the address from the configured header, else the peer's (ING-132).
    User,
    /// `destination.ip` of a connection through Cloud NAT.
    Destination,
    /// `source.ip` of a connection through Cloud NAT.
    Source,
}

/// A text that a rule can ask about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TextAttribute {
    /// `request.method`.
    Method,
    /// `request.path`, without the query (ING-131).
    Path,
    /// `request.query`, without the question mark; empty where there is none.
    Query,
    /// `request.scheme`.
    Scheme,
    /// `request.host`, and the `host` header. Always there.
    Host,
    /// A header other than `host`, by its name in lower case (ING-131).
    Header(String),
}

/// What is asked of a text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TextTest {
    /// It is this.
    Equals(String),
    /// It starts with this.
    Prefix(String),
    /// It ends with this.
    Suffix(String),
    /// It has this in it.
    Contains(String),
    /// It has a match of this RE2 pattern anywhere in it: unanchored (ING-130).
    Matches(String),
}

/// A property of a request that the simulation is free to choose.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FreeCondition {
    /// What decides it in reality.
    pub kind: FreeKind,
    /// A stable name: equal names are the same property, so that two rules that ask for the
    /// same signature agree. Options are part of it, such as
    /// `sqli-v33-stable sensitivity=1 opt_out=owasp-crs-v030301-id942110-sqli`.
    pub name: String,
}

/// What decides a [`FreeCondition`] in reality.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FreeKind {
    /// A preconfigured WAF rule set (ING-130).
    Waf,
    /// A Google Threat Intelligence list (ING-130, ING-133).
    ThreatIntelligence,
    /// Adaptive Protection (ING-130, ING-133).
    AdaptiveProtection,
    /// A reCAPTCHA token (ING-129, ING-133).
    Recaptcha,
    /// A JA3 or JA4 fingerprint of the TLS client (ING-129).
    TlsFingerprint,
}

/// A span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimeRange {
    /// The first instant in it; `None` is the beginning of time.
    pub from: Option<Timestamp>,
    /// The first instant after it; `None` is the end of time.
    pub until: Option<Timestamp>,
}

impl Condition {
    /// The requests that meet each of `parts`; all of them if there is none.
    pub fn all(parts: impl IntoIterator<Item = Condition>) -> Condition {
        let mut kept = IndexSet::new();
        for part in parts {
            match part {
                Condition::Always => {}
                Condition::Never => return Condition::Never,
                Condition::All(inner) => kept.extend(inner),
                part => {
                    kept.insert(part);
                }
            }
        }
        if contradicts(&kept) {
            return Condition::Never;
        }
        single(kept, Condition::Always, Condition::All)
    }

    /// The requests that meet at least one of `parts`; none if there is none.
    ///
    /// Tests that differ only in the list they compare with become one, where the first stood.
    pub fn any(parts: impl IntoIterator<Item = Condition>) -> Condition {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Condition::Never => {}
                Condition::Always => return Condition::Always,
                Condition::Any(inner) => inner.into_iter().for_each(|part| merge(&mut kept, part)),
                part => merge(&mut kept, part),
            }
        }
        let kept = kept.into_iter().collect();
        if contradicts(&kept) {
            return Condition::Always;
        }
        single(kept, Condition::Never, Condition::Any)
    }

    /// The requests that do not meet `part`.
    #[allow(clippy::should_implement_trait)]
    pub fn not(part: Condition) -> Condition {
        match part {
            Condition::Always => Condition::Never,
            Condition::Never => Condition::Always,
            Condition::Not(inner) => *inner,
            part => Condition::Not(Box::new(part)),
        }
    }

    /// Every test in the condition, in the order in which they are written.
    pub fn tests(&self) -> impl Iterator<Item = &Test> {
        self.leaves().filter_map(|leaf| match leaf {
            Condition::Test(test) => Some(test),
            _ => None,
        })
    }

    /// Every part that is not decided, in the order in which they are written.
    #[cfg(test)]
    pub fn unmodelled(&self) -> impl Iterator<Item = &Unmodelled> {
        self.leaves().filter_map(|leaf| match leaf {
            Condition::Unmodelled(part) => Some(part),
            _ => None,
        })
    }

    fn leaves(&self) -> impl Iterator<Item = &Condition> {
        let mut rest = vec![self];
        std::iter::from_fn(move || {
            loop {
                match rest.pop()? {
                    Condition::All(parts) | Condition::Any(parts) => {
                        rest.extend(parts.iter().rev())
                    }
                    Condition::Not(part) => rest.push(part),
                    leaf => return Some(leaf),
                }
            }
        })
    }
}

impl From<Test> for Condition {
    fn from(test: Test) -> Condition {
        Condition::Test(test)
    }
}

/// Whether some part stands next to its own negation.
fn contradicts(parts: &IndexSet<Condition>) -> bool {
    parts.iter().any(|part| matches!(part, Condition::Not(inner) if parts.contains(&**inner)))
}

fn single(
    parts: IndexSet<Condition>,
    none: Condition,
    many: impl FnOnce(Vec<Condition>) -> Condition,
) -> Condition {
    let mut parts: Vec<_> = parts.into_iter().collect();
    match parts.len() {
        0 => none,
        1 => parts.swap_remove(0),
        _ => many(parts),
    }
}

/// Adds an alternative, into the list of an earlier test of the same kind if there is one.
fn merge(kept: &mut Vec<Condition>, part: Condition) {
    if let Condition::Test(test) = &part {
        for earlier in kept.iter_mut() {
            if let Condition::Test(earlier) = earlier
                && absorb(earlier, test)
            {
                return;
            }
        }
    }
    kept.push(part);
}

fn absorb(into: &mut Test, test: &Test) -> bool {
    fn extend<T: Clone + PartialEq>(into: &mut Vec<T>, from: &[T]) -> bool {
        for item in from {
            if !into.contains(item) {
                into.push(item.clone());
            }
        }
        true
    }
    match (into, test) {
        (Test::Address { field: a, ranges: into }, Test::Address { field: b, ranges })
            if a == b =>
        {
            extend(into, ranges)
        }
        (Test::Region(into), Test::Region(regions)) => extend(into, regions),
        (Test::Asn(into), Test::Asn(ranges)) => extend(into, ranges),
        _ => false,
    }
}

impl fmt::Display for Condition {
    /// Writes a sentence, such as `origin.region_code is JP and not request.method is POST`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let join = |f: &mut fmt::Formatter<'_>, parts: &[Condition], word: &str| {
            for (index, part) in parts.iter().enumerate() {
                if index > 0 {
                    write!(f, " {word} ")?;
                }
                match part {
                    Condition::All(_) | Condition::Any(_) => write!(f, "({part})")?,
                    part => write!(f, "{part}")?,
                }
            }
            Ok(())
        };
        match self {
            Condition::Always => f.write_str("always"),
            Condition::Never => f.write_str("never"),
            Condition::All(parts) => join(f, parts, "and"),
            Condition::Any(parts) => join(f, parts, "or"),
            Condition::Not(part) => match &**part {
                Condition::Test(test) => test.write(f, false),
                Condition::All(_) | Condition::Any(_) => write!(f, "not ({part})"),
                part => write!(f, "not {part}"),
            },
            Condition::Test(test) => test.write(f, true),
            Condition::Unmodelled(part) => write!(f, "`{}`", part.text),
        }
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, true)
    }
}

impl Test {
    /// Writes the test as a clause, or its negation.
    fn write(&self, f: &mut fmt::Formatter<'_>, holds: bool) -> fmt::Result {
        let not = if holds { "" } else { " not" };
        match self {
            Test::Address { field, ranges } => {
                let ranges = ranges.iter().map(|range| {
                    let host = range.prefix_len() == range.max_prefix_len();
                    if host { range.addr().to_string() } else { range.to_string() }
                });
                write!(f, "{field} is{not} in {}", list(ranges))
            }
            Test::Region(regions) => {
                let one = if regions.len() == 1 { "" } else { " one of" };
                write!(f, "origin.region_code is{not}{one} {}", list(regions.iter().cloned()))
            }
            Test::Asn(ranges) => {
                let ranges = ranges.iter().map(|(low, high)| {
                    if low == high { low.to_string() } else { format!("{low}-{high}") }
                });
                write!(f, "origin.asn is{not} in {}", list(ranges))
            }
            Test::Text { field, test, ignore_case } => {
                let (is, does, text) = match test {
                    TextTest::Equals(text) => ("is", "is not", text),
                    TextTest::Prefix(text) => ("starts with", "does not start with", text),
                    TextTest::Suffix(text) => ("ends with", "does not end with", text),
                    TextTest::Contains(text) => ("contains", "does not contain", text),
                    TextTest::Matches(text) => ("matches", "does not match", text),
                };
                let case = if *ignore_case { " in any case" } else { "" };
                write!(f, "{field} {} `{text}`{case}", if holds { is } else { does })
            }
            Test::Present(field) => write!(f, "{field} is{not} present"),
            Test::Condition(free) if holds => write!(f, "{free}"),
            Test::Condition(free) => write!(f, "not {free}"),
            Test::AddressGroup { name, organization, field } => {
                let of = if *organization { " of the organization" } else { "" };
                write!(f, "{field} is{not} in the address group `{name}`{of}")
            }
            Test::AccessLevel(level) => write!(f, "the access level `{level}` is{not} met"),
            Test::Time(range) if holds => write!(f, "{range}"),
            Test::Time(range) => write!(f, "not {range}"),
        }
    }
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

impl fmt::Display for AddressField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            AddressField::Origin => "origin.ip",
            AddressField::User => "origin.user_ip",
            AddressField::Destination => "destination.ip",
            AddressField::Source => "source.ip",
        })
    }
}

impl fmt::Display for TextAttribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TextAttribute::Method => f.write_str("request.method"),
            TextAttribute::Path => f.write_str("request.path"),
            TextAttribute::Query => f.write_str("request.query"),
            TextAttribute::Scheme => f.write_str("request.scheme"),
            TextAttribute::Host => f.write_str("request.host"),
            TextAttribute::Header(name) => write!(f, "the header `{name}`"),
        }
    }
}

impl fmt::Display for FreeCondition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            FreeKind::Waf => "WAF rule set",
            FreeKind::ThreatIntelligence => "threat list",
            FreeKind::AdaptiveProtection => "Adaptive Protection",
            FreeKind::Recaptcha => "reCAPTCHA",
            FreeKind::TlsFingerprint => "TLS fingerprint",
        };
        write!(f, "{kind} `{}`", self.name)
    }
}

impl fmt::Display for TimeRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.from, self.until) {
            (Some(from), Some(until)) => write!(f, "from {from} and before {until}"),
            (Some(from), None) => write!(f, "from {from}"),
            (None, Some(until)) => write!(f, "before {until}"),
            (None, None) => f.write_str("at any time"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(code: &str) -> Condition {
        Test::Region(vec![code.to_owned()]).into()
    }

    fn present(name: &str) -> Condition {
        Test::Present(TextAttribute::Header(name.to_owned())).into()
    }

    #[test]
    fn constants_disappear() {
        let a = || present("a");
        assert_eq!(Condition::all([]), Condition::Always);
        assert_eq!(Condition::any([]), Condition::Never);
        assert_eq!(Condition::all([Condition::Always, a()]), a());
        assert_eq!(Condition::any([Condition::Never, a()]), a());
        assert_eq!(Condition::all([Condition::Never, a()]), Condition::Never);
        assert_eq!(Condition::any([a(), Condition::Always]), Condition::Always);
        assert_eq!(Condition::not(Condition::not(a())), a());
    }

    #[test]
    fn nesting_and_repetition_disappear() {
        let [a, b, c] = [present("a"), present("b"), present("c")];
        let inner = Condition::all([b.clone(), a.clone()]);
        let outer = Condition::all([a.clone(), inner, c.clone()]);
        assert_eq!(outer, Condition::All(vec![a.clone(), b, c]));
        assert_eq!(Condition::any([a.clone(), a.clone()]), a);
    }

    #[test]
    fn a_part_and_its_negation_decide() {
        let [a, b] = [present("a"), present("b")];
        let not = Condition::not(a.clone());
        assert_eq!(Condition::all([a.clone(), b.clone(), not.clone()]), Condition::Never);
        assert_eq!(Condition::any([not, b, a]), Condition::Always);
    }

    #[test]
    fn alternative_lists_become_one() {
        let [jp, us] = [region("JP"), region("US")];
        let both = Test::Region(vec!["JP".to_owned(), "US".to_owned()]).into();
        assert_eq!(Condition::any([jp.clone(), present("a"), us.clone()]), {
            Condition::Any(vec![both, present("a")])
        });
        assert_eq!(Condition::all([jp.clone(), us.clone()]), Condition::All(vec![jp, us]));
    }

    #[test]
    fn leaves_come_in_the_order_of_writing() {
        let part = Unmodelled { text: "x".into(), reason: "y".into(), start: 0, end: 1 };
        let condition = Condition::all([
            Condition::any([present("a"), Condition::not(present("b"))]),
            Condition::Unmodelled(part.clone()),
            present("c"),
        ]);
        let tests: Vec<_> = condition.tests().map(ToString::to_string).collect();
        assert_eq!(
            tests,
            ["the header `a` is present", "the header `b` is present", "the header `c` is present"]
        );
        assert_eq!(condition.unmodelled().collect::<Vec<_>>(), [&part]);
    }
}
