//! Addresses as they are written, for a header that rules read both as a text and as an address.
//!
//! A header that is only ever taken for an address has an axis of addresses. Where a rule also
//! asks what the text is, or whether there is one, both questions must be asked of one axis, that
//! of the text: "is an address" and "lies in these ranges" become patterns.

use ipnet::IpNet;

use super::predicate::Predicate;
use crate::sets::Pattern;

/// Which values each of the four digits of a group may have, a bit for a value.
type HexGroup = [u16; 4];

const FREE: HexGroup = [0xffff; 4];
/// IPv4 addresses in the form of IPv6 begin with these.
const MAPPED: [HexGroup; 6] = [[1; 4], [1; 4], [1; 4], [1; 4], [1; 4], [0x8000; 4]];

/// The texts that are an address.
pub(super) fn is_address() -> Predicate {
    pattern(vec![v4([(0, 255); 4]), v6(&[FREE; 8])])
}

/// The texts that are an address in one of the ranges. One that stands for an IPv4 address is
/// that address.
pub(super) fn in_ranges(ranges: &[IpNet]) -> Predicate {
    let mut v4_texts = Vec::new();
    let mut v6_texts = Vec::new();
    for range in ranges {
        match range {
            IpNet::V4(range) => {
                let (first, last) = (range.network().octets(), range.broadcast().octets());
                v4_texts.push(v4(std::array::from_fn(|at| (first[at], last[at]))));
                let mut groups = [FREE; 8];
                groups[..6].copy_from_slice(&MAPPED);
                let number = u128::from(u32::from(range.network()));
                constrain(&mut groups, number, 96, 96 + u32::from(range.prefix_len()));
                v6_texts.push(v6(&groups));
            }
            IpNet::V6(_) => {}
        }
    }
    let mut pure = Vec::new();
    for range in ranges {
        if let IpNet::V6(range) = range {
            let mut groups = [FREE; 8];
            constrain(&mut groups, range.network().to_bits(), 0, range.prefix_len().into());
            pure.push(v6(&groups));
        }
    }
    v4_texts.append(&mut v6_texts);
    let v4 = if v4_texts.is_empty() { Predicate::Constant(false) } else { pattern(v4_texts) };
    if pure.is_empty() {
        return v4;
    }
    let mut groups = [FREE; 8];
    groups[..6].copy_from_slice(&MAPPED);
    let mapped = Predicate::Not(Box::new(pattern(vec![v6(&groups)])));
    let pure = Predicate::Both(Box::new((pattern(pure), mapped)));
    Predicate::Either(Box::new((v4, pure)))
}

fn pattern(texts: Vec<String>) -> Predicate {
    Predicate::Pattern(Pattern::new(texts.join("|")))
}

/// Fixes the bits `from..until` of an address, counted from the front, to those of a number.
fn constrain(groups: &mut [HexGroup; 8], number: u128, from: u32, until: u32) {
    for bit in from..until {
        let set = number >> (127 - bit) & 1 == 1;
        let place = 3 - bit % 4;
        let having: u16 = (0..16u16).filter(|value| (value >> place & 1 == 1) == set).sum_bits();
        let digit = &mut groups[(bit / 16) as usize][(bit % 16 / 4) as usize];
        *digit &= having;
    }
}

trait SumBits {
    fn sum_bits(self) -> u16;
}

impl<I: Iterator<Item = u16>> SumBits for I {
    fn sum_bits(self) -> u16 {
        self.fold(0, |bits, value| bits | 1 << value)
    }
}

/// A dotted address whose parts lie in these ranges.
fn v4(parts: [(u8, u8); 4]) -> String {
    let numbers = parts.map(|(low, high)| one_of((low..=high).map(|each| each.to_string())));
    numbers.join(r"\.")
}

fn one_of(texts: impl Iterator<Item = String>) -> String {
    format!("(?:{})", texts.collect::<Vec<_>>().join("|"))
}

/// A group of up to four digits, of which leading zeros may be left out.
fn group(digits: &HexGroup) -> String {
    let mut forms = Vec::new();
    for skipped in 0..4 {
        if digits[..skipped].iter().any(|digit| digit & 1 == 0) {
            break;
        }
        forms.push(digits[skipped..].iter().map(|digit| class(*digit)).collect::<String>());
    }
    one_of(forms.into_iter())
}

fn class(digit: u16) -> String {
    let values = (0..16u32).filter(|value| digit >> value & 1 == 1);
    let letters: String = values
        .filter_map(|value| char::from_digit(value, 16))
        .flat_map(|c| if c.is_ascii_digit() { vec![c] } else { vec![c, c.to_ascii_uppercase()] })
        .collect();
    // No digit at all is a class without a member.
    if letters.is_empty() { r"[^\x00-\xff]".into() } else { format!("[{letters}]") }
}

/// The values of an octet that two digits allow.
fn octet(high: u16, low: u16) -> String {
    let fits = |value: &u16| high >> (value >> 4) & 1 == 1 && low >> (value & 15) & 1 == 1;
    one_of((0..256u16).filter(fits).map(|value| value.to_string()))
}

/// Every way to write an address of these groups: with a run of zero groups left out or without,
/// and with the last two groups dotted or not.
fn v6(groups: &[HexGroup; 8]) -> String {
    let dotted = [&groups[6], &groups[7]]
        .map(|group| [octet(group[0], group[1]), octet(group[2], group[3])].join(r"\."))
        .join(r"\.");
    let written: Vec<String> = groups.iter().map(group).collect();
    // The groups from one on to the end.
    let tail = |from: usize| -> String {
        let plain = written[from..].join(":");
        if from > 6 {
            return plain;
        }
        let mut parts: Vec<&str> = written[from..6].iter().map(String::as_str).collect();
        parts.push(&dotted);
        format!("(?:{plain}|{})", parts.join(":"))
    };
    let mut forms = vec![tail(0)];
    for head in 0..8 {
        let zeros = groups[head..].iter().take_while(|group| group.iter().all(|d| d & 1 == 1));
        let most = zeros.count();
        for left_out in 1..=most {
            forms.push(format!("{}::{}", written[..head].join(":"), tail(head + left_out)));
        }
    }
    one_of(forms.into_iter())
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use proptest::prelude::*;

    use super::*;
    use crate::sets::{Order, PatternId, Space, SpaceBuilder};

    /// Every pattern of some predicates, compiled.
    struct Compiled {
        space: Space,
        ids: Vec<(Pattern, PatternId)>,
    }

    impl Compiled {
        fn new(predicates: &[&Predicate]) -> Self {
            let mut builder = SpaceBuilder::new();
            let axis = builder.text("text", Order::Forward, "[ -~]*", false).unwrap();
            let mut ids = Vec::new();
            for predicate in predicates {
                predicate.leaves(&mut |leaf| {
                    if let Predicate::Pattern(pattern) = leaf {
                        let id = builder.pattern(axis, pattern.clone()).unwrap();
                        ids.push((pattern.clone(), id));
                    }
                });
            }
            Compiled { space: builder.build(), ids }
        }

        fn holds(&self, predicate: &Predicate, text: &str) -> bool {
            match predicate {
                Predicate::Constant(value) => *value,
                Predicate::Either(parts) => {
                    self.holds(&parts.0, text) || self.holds(&parts.1, text)
                }
                Predicate::Both(parts) => self.holds(&parts.0, text) && self.holds(&parts.1, text),
                Predicate::Not(part) => !self.holds(part, text),
                Predicate::Pattern(pattern) => {
                    let (_, id) = self.ids.iter().find(|(known, _)| known == pattern).unwrap();
                    self.space.matches(*id, text)
                }
                Predicate::Exact(_) | Predicate::Affix(_) => false,
            }
        }
    }

    fn agrees<'t>(ranges: &[&str], texts: impl IntoIterator<Item = &'t str>) {
        let nets: Vec<IpNet> = ranges.iter().map(|range| range.parse().unwrap()).collect();
        let (valid, inside) = (is_address(), in_ranges(&nets));
        let compiled = Compiled::new(&[&valid, &inside]);
        for text in texts {
            let parsed: Option<IpAddr> = text.parse().ok();
            assert_eq!(compiled.holds(&valid, text), parsed.is_some(), "{text}");
            let lies = parsed
                .map(|address| address.to_canonical())
                .is_some_and(|address| nets.iter().any(|net| net.contains(&address)));
            assert_eq!(compiled.holds(&inside, text), lies, "{text} in {ranges:?}");
        }
    }

    const TEXTS: &[&str] = &[
        "203.0.113.7",
        "203.0.113.07",
        "203.0.113.256",
        "203.0.113.7 ",
        "203.0.112.255",
        "2001:db8:1::7",
        "2001:DB8:1:0:0:0:0:7",
        "2001:0db8:0001::0007",
        "2001:db8:1:2:3:4:5:6:7",
        "2001:db8:1::2:3:4:5:6",
        "2001:db8:1::2:3:4:5:6:7",
        "2001:db8::1::2",
        "2001:db8:1::",
        "2001:db8::",
        "::",
        "::1",
        ":::",
        ":1",
        "1:",
        "::ffff:203.0.113.7",
        "::ffff:cb00:7107",
        "0:0:0:0:0:FFFF:203.0.113.7",
        "::203.0.113.7",
        "2001:db8:1::203.0.113.7",
        "1.2.3.4::",
        "1:2:3:4:5:6:1.2.3.4",
        "1:2:3:4:5:6:7:1.2.3.4",
        "1::3:4:5:6:1.2.3.4",
        "",
        "x",
        "12345::",
    ];

    #[test]
    fn texts_are_read_as_the_standard_library_reads_them() {
        agrees(&["203.0.113.0/25"], TEXTS.iter().copied());
        agrees(&["203.0.113.7/32", "2001:db8:1::/48"], TEXTS.iter().copied());
        agrees(&["::/0"], TEXTS.iter().copied());
        agrees(&["0.0.0.0/0"], TEXTS.iter().copied());
        agrees(&["2001:db8::/33", "2001:db8::1/128"], TEXTS.iter().copied());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1))]
        #[test]
        fn random_texts_too(texts in proptest::collection::vec(
            "(0|1|ff?f?f?|:|::|2001|db8|1\\.2\\.3\\.4){1,9}",
            2_000,
        )) {
            agrees(&["2001:db8::/31", "1.2.0.0/15"], texts.iter().map(String::as_str));
        }
    }
}
