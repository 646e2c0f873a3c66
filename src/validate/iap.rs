//! Identity-Aware Proxy.

use super::Checker;
use crate::source::codes;
use crate::topology::record::Field;

codes! {
    IAP_TWICE = Error "iap-twice" "ING-139" {
        "IAP on a service and on a backend before it",
        "IAP on the service cannot be combined with IAP on a load balancer in front of it",
        "services:
  web: {region: europe-west1, invokers: [allUsers], iap: true}
backends:
  web: {services: [web], iap: true}
",
    }
}

impl Checker<'_, '_> {
    pub(super) fn iap(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.backends {
            let backend = &entry.value;
            let resource = format!("backend/{id}");
            let Some(iap) = backend.iap.as_ref().filter(|_| backend.iap().is(true)) else {
                continue;
            };
            for neg in &backend.services {
                let Some(name) = neg.service.as_ref().and_then(Field::known) else { continue };
                let Some(service) = topology.services.get(name) else { continue };
                if let Some(own) = service.iap.as_ref().filter(|_| service.iap().is(true)) {
                    let message = format!("IAP is on {resource} and on service/{name} behind it");
                    let finding = IAP_TWICE.finding(message).at(iap.span);
                    let finding = finding.also(own.span, "IAP on the service");
                    self.report(finding.help("turn one of them off").resource(&resource));
                }
            }
        }
    }
}
