//! Machines: their addresses, tags and ways out.

use crate::graph::Placeholder;
use crate::graph::ResourceKind;

use ipnet::IpNet;

use super::reply::{Leg, SenderPlace};
use super::{Class, NetworkSender};
use crate::graph::compile::{Core, Memo};
use crate::graph::expression::ExpressionId;
use crate::topology::network::{Network, Vm};
use crate::topology::record::{Field, Id, Spanned};

/// Who sends in networks.
#[derive(Default)]
pub(in crate::graph::compile) struct Senders {
    machines: Memo<Id<Vm>, Option<NetworkSender>>,
    /// Addresses of machines, by network.
    pub(super) taken: Memo<Id<Network>, ExpressionId>,
}

impl Senders {
    /// A virtual machine, made once.
    pub(in crate::graph::compile) fn machine(
        &mut self,
        core: &mut Core<'_>,
        of: Id<Vm>,
    ) -> Option<NetworkSender> {
        if let Some(known) = self.machines.get(&of) {
            return known.clone();
        }
        let made = self.new_machine(core, of);
        self.machines.insert(of, made.clone());
        made
    }

    fn new_machine(&mut self, core: &mut Core<'_>, of: Id<Vm>) -> Option<NetworkSender> {
        let inventory = core.inventory;
        let (id, entry) = core.topology.vms.at(of);
        let vm = &entry.value;
        let subnet = inventory.vm_subnet(of)?;
        let region = inventory.subnet_region(subnet);
        let external = vm.external_address.as_ref().map(|external| {
            core.address(Some(external), Placeholder::ExternalOf((&**id).into()), false)
        });
        let (google_access, _) = self.subnet_access(core, subnet);
        let always = core.expressions.always();
        let nats = match external {
            None => self.serving_nats(core, subnet.network, region, Some(subnet)),
            // It uses its own address instead (EGR-071), and needs no Private Google Access
            // (EGR-130).
            Some(_) => Vec::new(),
        };
        let values = |list: &[Spanned<String>]| list.iter().map(|tag| tag.value.clone()).collect();
        let google_access_ipv6 = self.google_access_ipv6(core, subnet, google_access);
        let external_ipv6 = inventory.subnet(subnet).has_external_ipv6();
        Some(NetworkSender {
            resource: core.resource(ResourceKind::Vm, id),
            at: entry.key_span,
            network: subnet.network,
            region: region.to_string(),
            subnet: Some(subnet),
            ranges: self.machine_addresses(core, of).into_iter().map(IpNet::from).collect(),
            tags: values(&vm.tags),
            secure_tags: values(&vm.secure_tags),
            account: vm.service_account.as_ref().and_then(Field::known).cloned(),
            class: Class::Machine { external, translates: false },
            google_access: if external.is_some() { always } else { google_access },
            google_access_ipv6,
            external_ipv6,
            nats,
            leg: Leg::from(SenderPlace::Network(subnet.network)),
        })
    }
}
