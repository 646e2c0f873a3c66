//! The measured claims of the README: reading, compiling, and asking generated estates; whole
//! answers, written to nowhere; and what threads give where work is shared out between them.
//!
//! `cargo bench --bench engine` runs estates of 10 to 10,000 services; `cargo bench --bench engine
//! -- /1000` runs those of 1,000.

use std::hint::black_box;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use jiff::Timestamp;
use portolan::Answer;
use portolan::internals::graph::Options;
use portolan::internals::import::{Document, Reading, load};
use portolan::internals::question::{RequestFilter, bypass, egress, exposure, reach};
use portolan::internals::solve::{Extra, Layout, Solver};
use portolan::internals::topology::Topology;
use portolan::internals::walk::Walker;
use portolan::{AskError, Model};

#[path = "../examples/estate/generate.rs"]
mod generate;

const SIZES: [usize; 4] = [10, 100, 1_000, 10_000];

fn read(text: &str) -> Reading {
    let document = Document { name: "estate.yaml".into(), bytes: text.into() };
    let reading = load([document]);
    assert!(reading.findings.is_empty(), "the estate has no findings");
    reading
}

fn topology(text: &str) -> Arc<Topology> {
    read(text).topology.expect("the estate is a topology").into()
}

fn compile(topology: &Arc<Topology>) -> Model {
    let options = Options::at(Timestamp::UNIX_EPOCH);
    Model::new(Arc::clone(topology), Arc::default(), options).expect("nothing is assumed")
}

fn model(services: usize) -> Model {
    compile(&topology(&generate::generate(services, 7)))
}

fn input(c: &mut Criterion) {
    let mut group = c.benchmark_group("input");
    group.sample_size(10).measurement_time(Duration::from_secs(5));
    for services in SIZES {
        let text = generate::generate(services, 7);
        let topology = topology(&text);
        group.bench_function(BenchmarkId::new("read", services), |b| {
            b.iter(|| read(black_box(&text)))
        });
        group.bench_function(BenchmarkId::new("compile", services), |b| {
            b.iter(|| compile(black_box(&topology)));
        });
    }
    group.finish();
}

fn questions(c: &mut Criterion) {
    let mut group = c.benchmark_group("question");
    group.sample_size(10).measurement_time(Duration::from_secs(5));
    for services in SIZES {
        let model = model(services);
        group.bench_function(BenchmarkId::new("bypass", services), |b| {
            let parameters = bypass::Parameters {
                guard: "security_policy/*".into(),
                to: vec!["service/*".into()],
                ..bypass::Parameters::default()
            };
            b.iter(|| bypass::paths(black_box(&model), &parameters).expect("it can be asked"));
        });
        group.bench_function(BenchmarkId::new("exposure", services), |b| {
            let parameters = outsiders();
            b.iter(|| exposure::solve(black_box(&model), &parameters).expect("it can be asked"));
        });
        group.bench_function(BenchmarkId::new("reach", services), |b| {
            let parameters = reach::Parameters {
                from: vec!["internet".into()],
                to: vec![
                    model
                        .graph
                        .resources
                        .iter()
                        .find(|r| r.kind == portolan::internals::graph::ResourceKind::Service)
                        .expect("there is a service")
                        .to_string(),
                ],
                filter: RequestFilter::default(),
                ..reach::Parameters::default()
            };
            b.iter(|| {
                let layout = Layout::new(&model.graph, &Extra::default());
                let mut solver = Solver::within(&model.graph, layout.into());
                reach::solve(black_box(&model), &mut solver, &parameters, false)
                    .expect("it can be asked")
            });
        });
        let walker = Walker::new(&model.graph);
        let source = &model.graph.sources[0];
        let mut solver = Solver::new(&model.graph);
        let sent = solver.sent(source);
        let mut requests = Vec::new();
        let reaching = portolan::internals::solve::Reaching::everything(&model.graph);
        let layout = std::sync::Arc::clone(&solver.layout);
        solver.flow(
            source,
            sent,
            portolan::internals::solve::Mode::Arriving,
            reaching,
            &mut |solver: &mut Solver<'_>, flow: &portolan::internals::solve::Flow<'_>| {
                if requests.len() < 64
                    && let Some(point) = solver.sets.witness(flow.passing)
                {
                    requests.push(layout.request(&point));
                }
            },
        );
        group.bench_function(BenchmarkId::new("walk", services), |b| {
            let mut at = 0;
            b.iter(|| {
                at = (at + 1) % requests.len();
                walker.walk_from(source, black_box(&requests[at]))
            });
        });
    }
    group.finish();
}

/// Who is outside of Google Cloud, and its products.
fn outsiders() -> exposure::Parameters {
    let from = ["internet", "user/*", "product/*"].map(str::to_string).to_vec();
    exposure::Parameters { from, ..exposure::Parameters::default() }
}

/// A whole answer as JSON, from solving to the last byte, which goes nowhere.
fn written(answer: Result<Answer<'_>, AskError>) {
    let answer = answer.expect("it can be asked");
    answer.write_json(&mut io::sink()).expect("a sink takes everything");
}

fn all_bypasses() -> bypass::Parameters {
    bypass::Parameters { guard: "security_policy/*".into(), ..bypass::Parameters::default() }
}

fn answers(c: &mut Criterion) {
    let mut group = c.benchmark_group("answer");
    group.sample_size(10).measurement_time(Duration::from_secs(5));
    for services in SIZES {
        let model = model(services);
        group.bench_function(BenchmarkId::new("bypass", services), |b| {
            b.iter(|| written(bypass::ask(black_box(&model), &all_bypasses())));
        });
        group.bench_function(BenchmarkId::new("exposure", services), |b| {
            b.iter(|| written(exposure::ask(black_box(&model), &outsiders())));
        });
    }
    group.finish();
}

/// The same work on one thread and on all of them.
fn threads(c: &mut Criterion) {
    let mut group = c.benchmark_group("threads");
    group.sample_size(10).measurement_time(Duration::from_secs(5));
    let model = model(1_000);
    for threads in [1, rayon::current_num_threads()] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = pool.expect("threads can be started");
        group.bench_function(BenchmarkId::new("solve bypass", threads), |b| {
            let paths = || bypass::paths(black_box(&model), &all_bypasses());
            b.iter(|| pool.install(paths).expect("it can be asked"));
        });
        group.bench_function(BenchmarkId::new("solve exposure", threads), |b| {
            let parameters = outsiders();
            let table = || exposure::solve(black_box(&model), &parameters);
            b.iter(|| pool.install(table).expect("it can be asked"));
        });
        group.bench_function(BenchmarkId::new("answer bypass", threads), |b| {
            b.iter(|| pool.install(|| written(bypass::ask(black_box(&model), &all_bypasses()))));
        });
    }
    group.finish();
}

/// One network with many firewall rules.
fn filtered(rules: usize) -> String {
    use std::fmt::Write as _;
    let mut text = String::from(
        "portolan: 1
projects: {shop: {number: 123456789012}}
networks:
  prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/20}}}
vms: {db: {network: prod, subnet: run, tags: [db]}}
services: {web: {region: europe-west1, vpc_access: {network: prod, subnet: run, egress: all-traffic}}}
firewall_rules:
",
    );
    for at in 0..rules {
        let direction = if at % 3 == 0 { "egress" } else { "ingress" };
        let action = if at % 2 == 0 { "allow" } else { "deny" };
        let side = if at % 3 == 0 { "destination" } else { "source" };
        let (a, b) = (at / 200 % 200, at % 200);
        writeln!(
            text,
            "  r{at}: {{network: prod, direction: {direction}, action: {action}, priority: {}, \
             {side}_ranges: [10.{a}.{b}.0/24], traffic: [\"tcp:{}\"]}}",
            at % 65_000,
            at % 50_000 + 1,
        )
        .expect("a text takes everything");
    }
    text
}

/// Estates whose networks have 50 firewall rules, 20 routes, zones and peerings each.
fn networks(c: &mut Criterion) {
    let mut group = c.benchmark_group("network");
    group.sample_size(10).measurement_time(Duration::from_secs(5));
    for services in SIZES {
        let topology = topology(&generate::wired(services, 7));
        group.bench_function(BenchmarkId::new("compile", services), |b| {
            b.iter(|| compile(black_box(&topology)));
        });
        let model = compile(&topology);
        group.bench_function(BenchmarkId::new("egress", services), |b| {
            let parameters =
                egress::Parameters { from: "service/*".into(), ..egress::Parameters::default() };
            b.iter(|| {
                let layout = Layout::new(&model.graph, &Extra::default());
                let mut solver = Solver::within(&model.graph, layout.into());
                egress::solve(black_box(&model), &mut solver, &parameters).expect("it can be asked")
            });
        });
        let walker = Walker::new(&model.graph);
        let mut sources = model.graph.sources.iter();
        let source = sources
            .find(|source| {
                model.graph.resource(source.resource).kind
                    == portolan::internals::graph::ResourceKind::Service
            })
            .expect("a service sends");
        let solver = Solver::new(&model.graph);
        let request = {
            let mut solver = solver;
            let sent = solver.sent(source);
            let point = solver.sets.witness(sent).expect("it sends something");
            solver.layout.request(&point)
        };
        group.bench_function(BenchmarkId::new("walk", services), |b| {
            b.iter(|| walker.walk_from(source, black_box(&request)));
        });
    }
    // Many firewall rules in one network, before a service and a machine.
    for rules in [1_000, 10_000] {
        let topology = topology(&filtered(rules));
        group.bench_function(BenchmarkId::new("compile rules", rules), |b| {
            b.iter(|| compile(black_box(&topology)));
        });
    }
    // All pairs of services.
    for services in [10, 100, 1_000] {
        let model = compile(&topology(&generate::wired(services, 7)));
        group.bench_function(BenchmarkId::new("pairs", services), |b| {
            let parameters = exposure::Parameters {
                from: vec!["service/*".into()],
                to: vec!["service/*".into()],
            };
            b.iter(|| exposure::solve(black_box(&model), &parameters).expect("it can be asked"));
        });
        group.bench_function(BenchmarkId::new("exposure, every source", services), |b| {
            let parameters = exposure::Parameters::default();
            b.iter(|| exposure::solve(black_box(&model), &parameters).expect("it can be asked"));
        });
    }
    group.finish();
}

criterion_group!(benches, input, questions, answers, threads, networks);
criterion_main!(benches);
