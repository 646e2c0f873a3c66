//! Machines: their addresses, tags and ways out.

use crate::graph::Placeholder;
use crate::graph::ResourceKind;
use std::rc::Rc;

use ipnet::IpNet;

use super::{Class, Sender};
use crate::graph::compile::{Builder, Memo};
use crate::topology::record::{Field, Spanned};

impl Builder<'_> {
    /// A virtual machine, made once.
    pub(in crate::graph::compile) fn machine(&mut self, index: usize) -> Option<Sender> {
        if let Some(known) = self.machines.get(&index) {
            return known.clone();
        }
        let made = self.new_machine(index);
        self.machines.insert(index, made.clone());
        made
    }

    /// The machines of a network.
    pub(in crate::graph::compile) fn machines_in(&mut self, network: usize) -> Rc<[usize]> {
        if self.machines_by_network.is_empty() {
            let mut found: Memo<usize, Vec<usize>> = Memo::default();
            for index in 0..self.topology.vms.len() {
                if let Some(machine) = self.machine(index) {
                    found.entry(machine.network).or_default().push(index);
                }
            }
            self.machines_by_network =
                found.into_iter().map(|(network, machines)| (network, machines.into())).collect();
        }
        self.machines_by_network.get(&network).cloned().unwrap_or_default()
    }

    fn new_machine(&mut self, index: usize) -> Option<Sender> {
        let topology = self.topology;
        let (id, entry) = topology.vms.get_index(index)?;
        let vm = &entry.value;
        let (network, subnet) = topology.subnet(Some(&vm.network.value), &vm.subnet.value)?;
        let region = topology.subnet_region(network, &subnet)?.to_string();
        let external = vm.external_address.as_ref().map(|external| {
            self.address(Some(external), Placeholder::ExternalOf((&**id).into()), false)
        });
        let (google_access, _) = self.subnet_access(network, &subnet)?;
        let always = self.expressions.always();
        let nats = match external {
            None => self.serving_nats(network, &region, Some(&subnet)),
            // It uses its own address instead (EGR-071), and needs no Private Google Access
            // (EGR-130).
            Some(_) => Vec::new(),
        };
        let values = |list: &[Spanned<String>]| list.iter().map(|tag| tag.value.clone()).collect();
        let google_access_ipv6 = self.google_access_ipv6(network, &subnet, google_access);
        let external_ipv6 = self.has_external_ipv6(network, &subnet);
        Some(Sender {
            resource: self.resource(ResourceKind::Vm, id),
            at: entry.key_span,
            network,
            region,
            subnet: Some(subnet),
            ranges: self.machine_addresses(index).into_iter().map(IpNet::from).collect(),
            tags: values(&vm.tags),
            secure_tags: values(&vm.secure_tags),
            account: vm.service_account.as_ref().and_then(Field::known).cloned(),
            class: Class::Machine { external, forwards: false },
            google_access: if external.is_some() { always } else { google_access },
            google_access_ipv6,
            external_ipv6,
            nats,
        })
    }
}
