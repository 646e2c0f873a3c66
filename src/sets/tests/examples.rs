//! Single cases: canonicity, impossible combinations, errors, witnesses, descriptions.

use std::sync::Arc;

use super::super::{AxisValues, PointValue, Set, Sets, TextPiece, address};
use super::world::world;

#[test]
fn equal_sets_have_equal_ids_without_patterns() {
    let world = world();
    let sets = &mut Sets::new(Arc::clone(&world.space));
    let halves: Vec<Set> =
        (0..5).map(|value| sets.one_of(world.region, &[value]).unwrap()).collect();
    assert_eq!(sets.or_all(&halves), Set::FULL);
    let every = sets.prefix(world.path, "").unwrap();
    assert_eq!(every, Set::FULL);
    let (v6, inside) = (
        sets.ranges(world.source, &address::every_v6()).unwrap(),
        sets.ranges(
            world.source,
            &address::ranges("2001:db8::/32".parse().unwrap()).collect::<Vec<_>>(),
        )
        .unwrap(),
    );
    assert_eq!(sets.or(v6, inside), v6);
    assert_eq!(sets.count_over(inside, &[world.source]), Some(1 << 96));
    assert_eq!(sets.count(v6), Some(u128::MAX));
}

#[test]
fn impossible_combinations_are_empty() {
    let world = world();
    let sets = &mut Sets::new(Arc::clone(&world.space));
    let [a, shop, digit] = [0, 1, 2].map(|index| sets.pattern(world.path_patterns[index]));
    let both = sets.and(a, shop);
    assert!(both != Set::EMPTY && sets.is_empty(both));
    assert!(sets.implies(shop, digit) && !sets.implies(digit, shop));
    let under = sets.prefix(world.path, "/shop/").unwrap();
    let union = sets.or(shop, under);
    assert!(union != under && sets.equal(union, under));
    let absent = sets.absent(world.header);
    let yes = sets.pattern(world.header_pattern);
    assert!(!sets.intersects(absent, yes));
}

#[test]
fn what_was_not_declared_is_an_error() {
    let world = world();
    let sets = &mut Sets::new(Arc::clone(&world.space));
    let error = sets.exact(world.path, "/nowhere").unwrap_err();
    assert_eq!(error.to_string(), "`/nowhere` was not declared on the axis `path`");
    assert!(sets.prefix(world.path, "/nowhere").is_err());
    assert!(sets.exact(world.port, "80").is_err());
    assert!(sets.ranges(world.source, &[(0, 5)]).is_err());
    assert!(sets.one_of(world.region, &[5]).is_err());
    assert!(sets.flag(world.path).is_err());
}

#[test]
fn witnesses_are_readable() {
    let world = world();
    let sets = &mut Sets::new(Arc::clone(&world.space));
    let suffix = sets.prefix(world.host, ".example.com").unwrap();
    let under = sets.prefix(world.path, "/a/").unwrap();
    let set = sets.and(suffix, under);
    let point = sets.witness(set).unwrap();
    assert_eq!(
        point.values(),
        [
            PointValue::Text("api.example.com".into()),
            PointValue::Address("203.0.113.1".parse().unwrap()),
            PointValue::Index(0),
            PointValue::Text("/a/".into()),
            PointValue::Absent,
            PointValue::Number(0),
            PointValue::Flag(false),
            PointValue::Flag(false),
        ]
    );
    let net: Vec<_> = address::ranges("10.1.0.0/16".parse().unwrap()).collect();
    let set = sets.ranges(world.source, &net).unwrap();
    let point = sets.witness(set).unwrap();
    assert_eq!(*point.get(world.source), PointValue::Address("10.1.0.1".parse().unwrap()));
    assert_eq!(*point.get(world.path), PointValue::Text("/".into()));
}

#[test]
fn sets_are_described_in_pieces() {
    let world = world();
    let sets = &mut Sets::new(Arc::clone(&world.space));
    let www = sets.exact(world.host, "www.example.com").unwrap();
    let other = sets.not(www);
    let exact = vec![TextPiece::Exact("www.example.com".into())];
    assert_eq!(sets.axis_values(www, world.host), AxisValues::Text(exact.clone()));
    assert_eq!(sets.axis_values(other, world.host), AxisValues::TextExcept(exact));
    let suffix = sets.prefix(world.host, ".example.com").unwrap();
    let described = sets.axis_values(suffix, world.host);
    assert_eq!(described, AxisValues::Text(vec![TextPiece::Prefix(".example.com".into())]));
    let shop = sets.pattern(world.path_patterns[1]);
    let described = sets.axis_values(shop, world.path);
    let AxisValues::Text(pieces) = described else { panic!("{described:?}") };
    assert!(
        matches!(&pieces[..], [TextPiece::Matching { holds, .. }, ..] if holds.contains(&world.path_patterns[1]))
    );
    assert_eq!(sets.axis_values(shop, world.host), AxisValues::All);
}
