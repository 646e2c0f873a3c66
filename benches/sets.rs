//! What the algebra of sets costs: a policy of 1,000 rules, two policies compared, small questions
//! against a compiled policy, and a space with many names.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use portolan::internals::sets::{Axis, Order, Pattern, PatternId, Set, Sets, Space, SpaceBuilder};

const RULES: usize = 1_000;
const HOSTS: usize = 1_000;
const REGIONS: u32 = 45;
const FLAGS: usize = 8;
const V4: u128 = 0xffff_0000_0000;

/// A xorshift generator: the same numbers everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) % end
    }

    fn network(&mut self) -> (u128, u128) {
        let bits = 12 + self.below(17);
        let size = 1u64 << (32 - bits);
        let low = self.below(1 << 32) / size * size;
        (V4 + u128::from(low), V4 + u128::from(low + size - 1))
    }
}

#[derive(Clone)]
enum Extra {
    Prefix(String),
    Regex(String),
    Regions(Vec<u32>),
    Flag(usize),
}

#[derive(Clone)]
struct Rule {
    networks: Vec<(u128, u128)>,
    extra: Option<Extra>,
    allow: bool,
}

fn policy(seed: u64) -> Vec<Rule> {
    let mut random = Random(seed);
    let mut rules = Vec::new();
    for index in 0..RULES as u64 {
        let extra = (index % 4 == 3).then(|| match random.below(10) {
            0..4 => Extra::Prefix(format!("/{}/", random.below(200))),
            4 => Extra::Regex(format!("/[a-z0-9]+/{}(/.*)?", random.below(200))),
            5..8 => Extra::Regions((0..REGIONS).filter(|_| random.below(8) == 0).collect()),
            _ => Extra::Flag(random.below(FLAGS as u64) as usize),
        });
        let only = extra.is_some() && random.below(2) == 0;
        let count = if only { 0 } else { 1 + random.below(10) };
        let networks = (0..count).map(|_| random.network()).collect();
        rules.push(Rule { networks, extra, allow: random.below(3) > 0 });
    }
    rules
}

struct World {
    space: Arc<Space>,
    host: Axis,
    source: Axis,
    region: Axis,
    path: Axis,
    flags: Vec<Axis>,
    patterns: Vec<(String, PatternId)>,
}

fn host_name(index: usize) -> String {
    format!("service-{index}.example.com")
}

fn world(rules: &[Rule]) -> World {
    let mut builder = SpaceBuilder::new();
    let host = builder.text("host", Order::Reverse, "[a-z0-9-]+(\\.[a-z0-9-]+)*", false).unwrap();
    let source = builder.addresses("source");
    let region = builder.values("region", REGIONS);
    let path = builder.text("path", Order::Forward, "/[!-~]*", false).unwrap();
    let flags = (0..FLAGS).map(|index| builder.flag(format!("waf {index}"))).collect();
    (0..HOSTS).for_each(|index| builder.exact(host, &host_name(index)));
    (0..200).for_each(|index| builder.prefix(path, &format!("/{index}/")));
    let mut patterns = Vec::new();
    for rule in rules {
        rule.networks.iter().for_each(|(low, high)| builder.range(source, *low, *high));
        if let Some(Extra::Regex(regex)) = &rule.extra {
            let id = builder.pattern(path, Pattern::new(regex)).unwrap();
            patterns.push((regex.clone(), id));
        }
    }
    let space = Arc::new(builder.build());
    World { space, host, source, region, path, flags, patterns }
}

fn compile(world: &World, sets: &mut Sets, rules: &[Rule]) -> Set {
    let mut list = Vec::with_capacity(rules.len());
    for rule in rules {
        let mut set = Set::FULL;
        if !rule.networks.is_empty() {
            set = sets.ranges(world.source, &rule.networks).unwrap();
        }
        if let Some(extra) = &rule.extra {
            let extra = match extra {
                Extra::Prefix(prefix) => sets.prefix(world.path, prefix).unwrap(),
                Extra::Regex(regex) => {
                    let known = world.patterns.iter().find(|known| known.0 == *regex).unwrap();
                    sets.pattern(known.1)
                }
                Extra::Regions(values) => sets.one_of(world.region, values).unwrap(),
                Extra::Flag(index) => sets.flag(world.flags[*index]).unwrap(),
            };
            set = sets.and(set, extra);
        }
        list.push((set, u32::from(rule.allow)));
    }
    let decision = sets.first_match(&list, 0);
    sets.select(decision, |outcome| outcome == 1)
}

fn benchmark(criterion: &mut Criterion) {
    let rules = policy(7);
    let mut other = rules.clone();
    other.swap(300, 307);
    let world = world(&rules);

    let mut sets = Sets::new(Arc::clone(&world.space));
    let admitted = compile(&world, &mut sets, &rules);
    eprintln!(
        "policy: {} source atoms, {} patterns, {} nodes; all {:?}",
        world.space.atom_count(world.source),
        world.patterns.len(),
        sets.node_count(admitted),
        sets.stats()
    );
    let swapped = compile(&world, &mut sets, &other);
    eprintln!("equal after the swap: {}; {:?}", sets.equal(admitted, swapped), sets.stats());

    let mut group = criterion.benchmark_group("sets");
    group.sample_size(10);
    group.bench_function("compile a policy of 1,000 rules", |bencher| {
        bencher.iter(|| {
            let mut sets = Sets::new(Arc::clone(&world.space));
            black_box(compile(&world, &mut sets, &rules))
        });
    });
    group.bench_function("compile and compare two policies", |bencher| {
        bencher.iter(|| {
            let mut sets = Sets::new(Arc::clone(&world.space));
            let left = compile(&world, &mut sets, &rules);
            let right = compile(&world, &mut sets, &other);
            black_box(sets.equal(left, right))
        });
    });
    group.bench_function("compare two compiled policies", |bencher| {
        bencher.iter(|| {
            sets.clear_caches();
            black_box(sets.equal(admitted, swapped))
        });
    });
    group.bench_function("empty, projection and witness of a policy", |bencher| {
        bencher.iter(|| {
            sets.clear_caches();
            let empty = sets.is_empty(admitted);
            let projected = sets.project_out(admitted, &[world.path]);
            black_box((empty, projected, sets.witness(admitted)))
        });
    });
    group.finish();

    let mut group = criterion.benchmark_group("chains");
    group.bench_function("1,000 chains built and intersected with a policy", |bencher| {
        bencher.iter(|| {
            for index in 0..HOSTS {
                let host = sets.exact(world.host, &host_name(index)).unwrap();
                let path = sets.prefix(world.path, &format!("/{}/", index % 20)).unwrap();
                let chain = sets.and(host, path);
                black_box(sets.and(chain, admitted));
            }
        });
    });
    group.bench_function("1,000 chains meet a policy", |bencher| {
        bencher.iter(|| {
            for index in 0..HOSTS {
                let host = sets.exact(world.host, &host_name(index)).unwrap();
                black_box(sets.intersects(host, admitted));
            }
        });
    });
    group.bench_function("a space of 20,000 names (40,000 cuts)", |bencher| {
        bencher.iter(|| {
            let mut builder = SpaceBuilder::new();
            let alphabet = "[a-z0-9-]+(\\.[a-z0-9-]+)*";
            let host = builder.text("host", Order::Reverse, alphabet, false).unwrap();
            (0..20_000).for_each(|index| builder.exact(host, &host_name(index)));
            black_box(builder.build())
        });
    });
    group.finish();
}

criterion_group!(benches, benchmark);
criterion_main!(benches);
