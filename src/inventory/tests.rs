//! What references lead to, in small topologies.

use super::*;
use crate::import::yaml;
use crate::source::{Files, Findings};
use crate::topology::record::{Decode, Decoder};

fn read(text: &str) -> Topology {
    let (mut files, mut findings) = (Files::new(), Findings::new());
    let node = yaml::read(&mut files, "topology.yaml", text.as_bytes(), &mut findings);
    let mut topology = node
        .and_then(|node| Topology::decode(&node, &mut Decoder::new(&files, &mut findings)))
        .expect("it is a topology");
    assert!(findings.is_empty());
    topology.complete();
    topology
}

const TWO_NETWORKS: &str = "portolan: 1
networks:
  core: {subnets: {run: {region: europe-west1, range: 10.0.0.0/24}, both: {region: r, range: 10.1.0.0/24}}}
  edge: {subnets: {web: {region: asia-east1, range: 10.2.0.0/24}, both: {region: r, range: 10.3.0.0/24}}}
connectors:
  by-subnet: {subnet: web}
  by-range: {network: core, region: us-east1, range: 10.8.0.0/28}
  lost: {subnet: both}
peerings:
  there: {network: core, peer: edge}
  back: {network: edge, peer: core}
  alone: {network: core, peer: elsewhere}
services:
  direct: {region: europe-west1, vpc_access: {subnet: core/run}}
  behind: {region: asia-east1, vpc_access: {connector: by-subnet}}
  plain: {region: asia-east1}
";

#[test]
fn a_subnet_without_a_network_is_the_only_one_of_its_name() {
    let topology = read(TWO_NETWORKS);
    let inventory = Inventory::new(&topology);
    let run = inventory.subnet_named(None, "run").expect("only core has it");
    assert_eq!(topology.networks.key(run.network), "core");
    assert_eq!(inventory.subnet_region(run), "europe-west1");
    assert_eq!(inventory.subnet_named(None, "both"), None);
    let own = inventory.subnet_named(Some("edge"), "both");
    assert_eq!(own, inventory.subnet_named(Some("core"), "edge/both"));
    assert_eq!(own.map(|own| inventory.subnet_name(own)), Some("both"));
}

#[test]
fn connectors_lead_where_their_subnet_is_or_where_they_say() {
    let topology = read(TWO_NETWORKS);
    let inventory = Inventory::new(&topology);
    let place = |id| inventory.connector(topology.connectors.id_of(id).unwrap());
    let network = |id| place(id).network.map(|network| topology.networks.key(network));
    assert_eq!(
        (network("by-subnet"), place("by-subnet").region),
        (Some("edge"), Some("asia-east1"))
    );
    assert_eq!((network("by-range"), place("by-range").region), (Some("core"), Some("us-east1")));
    assert!(place("by-range").subnet.is_none());
    assert_eq!((network("lost"), place("lost").region), (None, None));
}

#[test]
fn workloads_know_their_network() {
    let topology = read(TWO_NETWORKS);
    let inventory = Inventory::new(&topology);
    let networks: Vec<_> = inventory
        .workloads()
        .map(|own| (own.id, own.network.map(|network| topology.networks.key(network))))
        .collect();
    assert_eq!(networks, [("direct", Some("core")), ("behind", Some("edge")), ("plain", None)]);
    let core = inventory.network(topology.networks.id_of("core").unwrap());
    let direct: Vec<_> = core.direct.iter().map(|own| inventory.workload(*own).id).collect();
    assert_eq!(direct, ["direct"]);
}

#[test]
fn a_peering_is_active_if_both_sides_have_set_it_up() {
    let topology = read(TWO_NETWORKS);
    let inventory = Inventory::new(&topology);
    let core = topology.networks.id_of("core").unwrap();
    let active: Vec<_> = inventory.active_peerings(core).collect();
    assert_eq!(active.len(), 1);
    assert_eq!((&*active[0].0.peer.value, &*active[0].1.peer.value), ("edge", "core"));
    assert_eq!(inventory.network(core).peerings.len(), 2);
}
