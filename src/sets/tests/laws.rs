//! The laws of the algebra, on random expressions.

use std::sync::Arc;

use proptest::prelude::*;

use super::super::{
    Assignment, Axis, AxisValues, Order, PatternId, PointValue, Set, Sets, TextPiece, address,
};
use super::world::{World, expressions, points, world};

proptest! {
    #[test]
    fn sets_hold_what_expressions_say(a in expressions(), values in points()) {
        let world = world();
        let mut sets = Sets::new(Arc::clone(&world.space));
        let set = world.set(&mut sets, &a);
        let point = Assignment::new(&world.space, values);
        prop_assert_eq!(sets.contains(set, &point), world.holds(&point, &a));
        if sets.contains(set, &point) {
            prop_assert!(!sets.is_empty(set));
        }
    }

    #[test]
    fn witnesses_are_points(a in expressions()) {
        let world = world();
        let mut sets = Sets::new(Arc::clone(&world.space));
        let set = world.set(&mut sets, &a);
        match sets.witness(set) {
            Some(point) => {
                prop_assert!(sets.contains(set, &point) && world.holds(&point, &a));
                for axis in [world.host, world.path, world.header] {
                    if let PointValue::Text(text) = point.get(axis) {
                        prop_assert!(world.space.is_valid(axis, text));
                    }
                }
            }
            None => {
                prop_assert!(sets.is_empty(set));
                let complement = sets.not(set);
                prop_assert!(sets.equal(complement, Set::FULL));
            }
        }
    }

    #[test]
    fn boolean_laws(a in expressions(), b in expressions(), c in expressions()) {
        let world = world();
        let sets = &mut Sets::new(Arc::clone(&world.space));
        let [a, b, c] = [a, b, c].map(|it| world.set(sets, &it));
        let (and, or) = (sets.and(a, b), sets.or(a, b));
        prop_assert_eq!(and, sets.and(b, a));
        prop_assert_eq!(or, sets.or(b, a));
        let (left, bc) = (sets.and(and, c), sets.and(b, c));
        prop_assert_eq!(left, sets.and(a, bc));
        let left = sets.or(or, c);
        prop_assert_eq!(left, sets.or_all(&[a, b, c]));
        let (not_a, not_b) = (sets.not(a), sets.not(b));
        prop_assert_eq!(sets.not(not_a), a);
        let left = sets.not(and);
        prop_assert_eq!(left, sets.or(not_a, not_b));
        let (left, ac) = (sets.and(or, c), sets.and(a, c));
        prop_assert_eq!(left, sets.or(ac, bc));
        prop_assert_eq!(sets.and(a, or), a);
        prop_assert_eq!(sets.or(a, and), a);
        prop_assert_eq!(sets.minus(a, b), sets.and(a, not_b));
        let xor = sets.xor(a, b);
        prop_assert_eq!(xor, sets.minus(or, and));
        prop_assert_eq!(sets.equal(a, b), sets.is_empty(xor));
        prop_assert_eq!(sets.intersects(a, b), !sets.is_empty(and));
        let rest = sets.minus(a, b);
        prop_assert_eq!(sets.implies(a, b), sets.is_empty(rest));
        prop_assert!(sets.implies(and, a) && sets.implies(a, or));
    }

    #[test]
    fn projections(a in expressions(), b in expressions(), values in points(), which in 0..8usize) {
        let world = world();
        let sets = &mut Sets::new(Arc::clone(&world.space));
        let [a, b] = [a, b].map(|it| world.set(sets, &it));
        let axis = world.space.axes().nth(which).unwrap();
        let out = sets.project_out(a, &[axis]);
        prop_assert!(sets.implies(a, out));
        prop_assert!(!sets.support(out).contains(&axis));
        prop_assert_eq!(sets.project_out(out, &[axis]), out);
        prop_assert_eq!(sets.is_empty(a), sets.is_empty(out));
        let (or, out_b) = (sets.or(a, b), sets.project_out(b, &[axis]));
        let (left, right) = (sets.project_out(or, &[axis]), sets.or(out, out_b));
        prop_assert!(sets.equal(left, right));
        // What does not depend on the axis passes through.
        let (and, right) = (sets.and(a, out_b), sets.and(out, out_b));
        let left = sets.project_out(and, &[axis]);
        prop_assert!(sets.equal(left, right));
        // A point is in the projection exactly if a point that differs on the axis is in the set.
        let point = Assignment::new(&world.space, values);
        let mut only = Set::FULL;
        for (other, value) in world.space.axes().zip(point.values()) {
            if other != axis {
                match value {
                    PointValue::Flag(value) => a_flag(sets, &mut only, other, *value),
                    PointValue::Index(value) => {
                        let set = sets.one_of(other, &[*value]).unwrap();
                        only = sets.and(only, set);
                    }
                    _ => {}
                }
            }
        }
        let (left, right) = (sets.intersects(only, a), sets.intersects(only, out));
        prop_assert_eq!(left, right);
    }

    #[test]
    fn what_holds_for_all_values_holds_for_each(a in expressions()) {
        let world = world();
        let sets = &mut Sets::new(Arc::clone(&world.space));
        let a = world.set(sets, &a);
        let each: Vec<Set> = (0..5).map(|value| sets.cofactor(a, world.region, value)).collect();
        let (all, each) = (sets.for_all(a, &[world.region]), sets.and_all(&each));
        prop_assert!(sets.equal(all, each));
        prop_assert!(sets.implies(all, a));
        let flag = world.flags[0];
        let each = [0, 1].map(|state| sets.cofactor(a, flag, state));
        let (all, each) = (sets.for_all(a, &[flag]), sets.and_all(&each));
        prop_assert!(sets.equal(all, each));
    }

    #[test]
    fn no_set_tells_a_point_from_those_alike(a in expressions(), values in points()) {
        let world = world();
        let sets = &mut Sets::new(Arc::clone(&world.space));
        let a = world.set(sets, &a);
        let point = Assignment::new(&world.space, values);
        let axes: Vec<Axis> = world.space.axes().collect();
        let alike = sets.alike(&point, &axes);
        prop_assert!(sets.contains(alike, &point));
        prop_assert_eq!(sets.intersects(alike, a), sets.contains(a, &point));
        // On fewer axes there are more of them.
        let fewer = sets.alike(&point, &axes[1..]);
        prop_assert!(sets.implies(alike, fewer));
        let without = sets.project_out(alike, &axes[..1]);
        prop_assert!(sets.equal(without, fewer));
    }

    #[test]
    fn cofactors(a in expressions(), values in points(), region in 0..5u32, state in any::<bool>()) {
        let world = world();
        let sets = &mut Sets::new(Arc::clone(&world.space));
        let a = world.set(sets, &a);
        let by_region = sets.cofactor(a, world.region, region);
        let by_flag = sets.cofactor(a, world.flags[1], state.into());
        let mut values = values;
        let point = Assignment::new(&world.space, values.clone());
        values[2] = PointValue::Index(region);
        let moved = Assignment::new(&world.space, values.clone());
        prop_assert_eq!(sets.contains(by_region, &point), sets.contains(a, &moved));
        values[2] = point.get(world.region).clone();
        values[7] = PointValue::Flag(state);
        let moved = Assignment::new(&world.space, values);
        prop_assert_eq!(sets.contains(by_flag, &point), sets.contains(a, &moved));
    }

    #[test]
    fn first_match_is_sequential(rules in proptest::collection::vec((expressions(), 0..4u32), 0..9),
                                 values in points()) {
        let world = world();
        let sets = &mut Sets::new(Arc::clone(&world.space));
        let point = Assignment::new(&world.space, values);
        let expected = rules.iter().find(|(it, _)| world.holds(&point, it)).map_or(9, |it| it.1);
        let rules: Vec<_> = rules.iter().map(|(it, leaf)| (world.set(sets, it), *leaf)).collect();
        let decision = sets.first_match(&rules, 9);
        prop_assert_eq!(sets.outcome(decision, &point), Some(expected));
        let leaves = sets.leaves(decision);
        prop_assert!(leaves.contains(&expected));
        for leaf in 0..10 {
            let (chosen, mut rest) = (sets.select(decision, |it| it == leaf), Set::FULL);
            prop_assert_eq!(leaves.contains(&leaf), !sets.is_empty(chosen));
            let mut sequential = Set::EMPTY;
            for (set, outcome) in &rules {
                let mine = sets.and(rest, *set);
                rest = sets.minus(rest, *set);
                if *outcome == leaf {
                    sequential = sets.or(sequential, mine);
                }
            }
            if leaf == 9 {
                sequential = sets.or(sequential, rest);
            }
            prop_assert_eq!(chosen, sequential);
        }
        let mapped = sets.map(decision, |leaf| leaf + 1);
        prop_assert_eq!(sets.outcome(mapped, &point), Some(expected + 1));
    }

    #[test]
    fn values_of_an_axis_cover_the_set(a in expressions(), values in points()) {
        let world = world();
        let sets = &mut Sets::new(Arc::clone(&world.space));
        let set = world.set(sets, &a);
        let point = Assignment::new(&world.space, values);
        for axis in world.space.axes() {
            let others: Vec<_> = world.space.axes().filter(|other| *other != axis).collect();
            let shadow = sets.project_out(set, &others);
            let described = sets.axis_values(set, axis);
            let inside = allows(world, axis, &described, point.get(axis));
            prop_assert_eq!(inside, sets.contains(shadow, &point), "{:?}", described);
        }
    }
}

fn a_flag(sets: &mut Sets, only: &mut Set, axis: Axis, state: bool) {
    let set = sets.flag(axis).unwrap();
    *only = if state { sets.and(*only, set) } else { sets.minus(*only, set) };
}

fn allows(world: &World, axis: Axis, values: &AxisValues, value: &PointValue) -> bool {
    match (values, value) {
        (AxisValues::All, _) => true,
        (AxisValues::Nothing, _) => false,
        (AxisValues::Addresses(ranges), PointValue::Address(it)) => {
            ranges.iter().any(|(a, b)| (*a..=*b).contains(&address::number(*it)))
        }
        (AxisValues::Numbers(ranges), PointValue::Number(it)) => {
            ranges.iter().any(|(a, b)| (*a..=*b).contains(it))
        }
        (AxisValues::Values(all), PointValue::Index(it)) => all.contains(it),
        (AxisValues::Flag(state), PointValue::Flag(it)) => state == it,
        (AxisValues::Text(pieces), value) => in_pieces(world, axis, pieces, value),
        (AxisValues::TextExcept(pieces), value) => !in_pieces(world, axis, pieces, value),
        _ => unreachable!("{values:?} of {value:?}"),
    }
}

fn in_pieces(world: &World, axis: Axis, pieces: &[TextPiece], value: &PointValue) -> bool {
    let order = if axis == world.host { Order::Reverse } else { Order::Forward };
    let key = match value {
        PointValue::Text(text) => Some(order.key(text)),
        _ => None,
    };
    pieces.iter().any(|piece| match (piece, &key) {
        (TextPiece::Absent, None) => true,
        (TextPiece::Exact(it), Some(key)) => order.key(it) == *key,
        (TextPiece::Prefix(it), Some(key)) => key.starts_with(&order.key(it)),
        (TextPiece::PrefixBut { prefix, but }, Some(key)) => {
            key.starts_with(&order.key(prefix)) && !in_pieces(world, axis, but, value)
        }
        (TextPiece::Between { from, until }, Some(key)) => {
            order.key(from) <= *key && until.as_ref().is_none_or(|it| *key < order.key(it))
        }
        (TextPiece::Matching { within, holds, fails }, _) => {
            let matches = |id: &PatternId| match value {
                PointValue::Text(text) => world.space.matches(*id, text),
                _ => false,
            };
            in_pieces(world, axis, within, value)
                && holds.iter().all(matches)
                && !fails.iter().any(matches)
        }
        _ => false,
    })
}
