//! The algebra of sets against an independent library of binary decision diagrams.
//!
//! A small space is spelled out in bits: an enumeration of 8 values, addresses of 4 bits, texts of
//! 3 letters and a flag. `PORTOLAN_CASES` says how many random pairs of expressions are compared.

use std::sync::Arc;

use biodivine_lib_bdd::{Bdd, BddVariable, BddVariableSet};
use portolan::internals::sets::{Axis, Order, Pattern, PatternId, Set, Sets, Space, SpaceBuilder};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

const PREFIXES: [&str; 6] = ["a", "b", "ab", "ba", "aab", "bbb"];
/// Patterns with the texts they match.
const PATTERNS: [(&str, &[&str]); 4] = [
    (".b.", &["aba", "abb", "bba", "bbb"]),
    ("a*|b*", &["aaa", "bbb"]),
    (".*ba", &["aba", "bba"]),
    ("ab(a|b)", &["aba", "abb"]),
];
const BITS: [usize; 4] = [3, 4, 3, 1];

#[derive(Clone, Debug)]
enum Expression {
    Values(Vec<u32>),
    Addresses(Vec<(u32, u32)>),
    Prefix(usize),
    Pattern(usize),
    Flag,
    Not(Box<Self>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Minus(Box<Self>, Box<Self>),
    Xor(Box<Self>, Box<Self>),
}

fn expressions() -> impl Strategy<Value = Expression> {
    use Expression as E;
    let ranges = proptest::collection::vec((0..16u32, 0..16u32), 1..3);
    let leaf = prop_oneof![
        proptest::collection::vec(0..8u32, 0..5).prop_map(E::Values),
        ranges.prop_map(|ranges| {
            E::Addresses(ranges.into_iter().map(|(a, b)| (a.min(b), a.max(b))).collect())
        }),
        (0..PREFIXES.len()).prop_map(E::Prefix),
        (0..PATTERNS.len()).prop_map(E::Pattern),
        Just(E::Flag),
    ];
    leaf.prop_recursive(5, 40, 2, |inner| {
        let pair = (inner.clone(), inner.clone()).prop_map(|(a, b)| (Box::new(a), Box::new(b)));
        prop_oneof![
            inner.prop_map(|inner| E::Not(Box::new(inner))),
            pair.clone().prop_map(|(a, b)| E::And(a, b)),
            pair.clone().prop_map(|(a, b)| E::Or(a, b)),
            pair.clone().prop_map(|(a, b)| E::Minus(a, b)),
            pair.prop_map(|(a, b)| E::Xor(a, b)),
        ]
    })
}

struct World {
    space: Arc<Space>,
    value: Axis,
    address: Axis,
    text: Axis,
    flag: Axis,
    patterns: Vec<PatternId>,
    bits: BddVariableSet,
}

/// The text with a number: its letters are the bits.
fn text(number: u32) -> String {
    (0..3).map(|bit| if number >> (2 - bit) & 1 == 1 { 'b' } else { 'a' }).collect()
}

fn world() -> World {
    let mut builder = SpaceBuilder::new();
    let value = builder.values("value", 8);
    let address = builder.addresses("address");
    let axis = builder.text("text", Order::Forward, "[ab]{3}", false).unwrap();
    let flag = builder.flag("flag");
    (0..16).for_each(|number| builder.range(address, number, number));
    PREFIXES.iter().for_each(|prefix| builder.prefix(axis, prefix));
    (0..8).for_each(|number| builder.exact(axis, &text(number)));
    let patterns = PATTERNS
        .iter()
        .map(|(regex, _)| builder.pattern(axis, Pattern::new(*regex)).unwrap())
        .collect();
    let bits = BddVariableSet::new_anonymous(BITS.iter().sum::<usize>() as u16);
    World { space: Arc::new(builder.build()), value, address, text: axis, flag, patterns, bits }
}

impl World {
    /// The diagram of the numbers of one field, by its position.
    fn numbers(&self, field: usize, numbers: impl IntoIterator<Item = u32>) -> Bdd {
        let first: usize = BITS[..field].iter().sum();
        numbers.into_iter().fold(self.bits.mk_false(), |all, number| {
            let one = (0..BITS[field]).fold(self.bits.mk_true(), |one, bit| {
                let variable = BddVariable::from_index(first + bit);
                let set = number >> (BITS[field] - 1 - bit) & 1 == 1;
                one.and(&self.bits.mk_literal(variable, set))
            });
            all.or(&one)
        })
    }

    fn texts(&self, keep: impl Fn(&str) -> bool) -> Bdd {
        self.numbers(2, (0..8).filter(|number| keep(&text(*number))))
    }

    /// An expression in both.
    fn both(&self, sets: &mut Sets, expression: &Expression) -> (Set, Bdd) {
        use Expression as E;
        match expression {
            E::Values(values) => {
                (sets.one_of(self.value, values).unwrap(), self.numbers(0, values.iter().copied()))
            }
            E::Addresses(ranges) => {
                let wide: Vec<_> = ranges.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect();
                let numbers = ranges.iter().flat_map(|(a, b)| *a..=*b);
                (sets.ranges(self.address, &wide).unwrap(), self.numbers(1, numbers))
            }
            E::Prefix(index) => (
                sets.prefix(self.text, PREFIXES[*index]).unwrap(),
                self.texts(|text| text.starts_with(PREFIXES[*index])),
            ),
            E::Pattern(index) => (
                sets.pattern(self.patterns[*index]),
                self.texts(|text| PATTERNS[*index].1.contains(&text)),
            ),
            E::Flag => (sets.flag(self.flag).unwrap(), self.numbers(3, [1])),
            E::Not(inner) => {
                let (set, bdd) = self.both(sets, inner);
                (sets.not(set), bdd.not())
            }
            E::And(a, b) => {
                let ((a, x), (b, y)) = (self.both(sets, a), self.both(sets, b));
                (sets.and(a, b), x.and(&y))
            }
            E::Or(a, b) => {
                let ((a, x), (b, y)) = (self.both(sets, a), self.both(sets, b));
                (sets.or(a, b), x.or(&y))
            }
            E::Minus(a, b) => {
                let ((a, x), (b, y)) = (self.both(sets, a), self.both(sets, b));
                (sets.minus(a, b), x.and_not(&y))
            }
            E::Xor(a, b) => {
                let ((a, x), (b, y)) = (self.both(sets, a), self.both(sets, b));
                (sets.xor(a, b), x.xor(&y))
            }
        }
    }

    /// The number of points: those of each text together.
    fn count(&self, sets: &mut Sets, set: Set) -> u128 {
        (0..8)
            .map(|number| {
                let one = sets.exact(self.text, &text(number)).unwrap();
                let part = sets.and(set, one);
                let part = sets.project_out(part, &[self.text]);
                sets.count_over(part, &[self.value, self.address, self.flag]).unwrap()
            })
            .sum()
    }
}

fn cases() -> u32 {
    std::env::var("PORTOLAN_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(256)
}

#[test]
fn agrees_with_binary_decision_diagrams() {
    let world = world();
    let mut runner = TestRunner::new(Config { cases: cases(), ..Config::default() });
    let result = runner.run(&(expressions(), expressions()), |(left, right)| {
        let sets = &mut Sets::new(Arc::clone(&world.space));
        // Only the addresses that the bits can say.
        let domain = sets.ranges(world.address, &[(0, 15)]).unwrap();
        let (left, x) = world.both(sets, &left);
        let (right, y) = world.both(sets, &right);
        let (left, right) = (sets.and(left, domain), sets.and(right, domain));
        prop_assert_eq!(sets.is_empty(left), x.is_false());
        prop_assert_eq!(sets.is_empty(right), y.is_false());
        prop_assert_eq!(sets.equal(left, right), x == y);
        prop_assert_eq!(sets.implies(left, right), x.and_not(&y).is_false());
        prop_assert_eq!(sets.intersects(left, right), !x.and(&y).is_false());
        prop_assert_eq!(world.count(sets, left) as f64, x.cardinality());
        prop_assert_eq!(sets.witness(left).is_none(), x.is_false());

        for (field, axis) in [world.value, world.address, world.text, world.flag].iter().enumerate()
        {
            let first: usize = BITS[..field].iter().sum();
            let variables: Vec<_> =
                (first..first + BITS[field]).map(BddVariable::from_index).collect();
            let out = sets.project_out(left, &[*axis]);
            let out = sets.and(out, domain);
            prop_assert_eq!(world.count(sets, out) as f64, x.exists(&variables).cardinality());
        }

        let decision = sets.first_match(&[(left, 1), (right, 2)], 3);
        let mut leaves = sets.leaves(decision);
        leaves.retain(|leaf| *leaf != 3);
        let expected = [(!x.is_false(), 1), (!y.and_not(&x).is_false(), 2)];
        let expected: Vec<_> = expected.iter().filter(|it| it.0).map(|it| it.1).collect();
        prop_assert_eq!(leaves, expected);
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}
