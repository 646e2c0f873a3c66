//! Whom sites admit, what they announce and learn, and what their lines are.

use super::super::Generator;
use crate::document::map;

impl Generator {
    pub(super) fn further_sites(&mut self) {
        let learnt = [
            "all-subnets",
            "10.0.0.0/16",
            "10.1.0.0/16",
            "172.16.4.0/22",
            "199.36.153.8/30",
            "198.51.100.0/24",
            "10.200.0.0/24",
            "35.199.192.0/19",
        ];
        if self.percent(20) {
            let network = self.some_network();
            let region = self.region_of(&network);
            let site = map([
                ("network", network.into()),
                ("region", region.into()),
                ("ranges", vec!["192.168.32.0/20"].into()),
            ]);
            self.add("onprem", "qsite5", site);
        }
        for id in self.ids("onprem") {
            let admits = ["10.0.0.0/8", "10.0.0.0/25", "10.8.0.0/16", "10.1.0.0/24"];
            let learns = self.random.some(&learnt, 1, 4);
            let admits = self.random.some(&admits, 1, 3);
            let announces =
                self.random.some(&["192.168.0.0/17", "198.48.0.0/12", "192.168.7.0/24"], 1, 2);
            let chances = [45, 30, 20, 12].map(|share| self.percent(share));
            let kind = self.random.word(&["interconnect", "classic-vpn", "vpn"]);
            let up = self.switch(60);
            let site = self.resource("onprem", &id);
            if chances[0] {
                site.put("learns", learns);
            }
            if chances[1] {
                site.put("admits", admits);
            }
            if chances[2] {
                site.set("announces", announces);
            }
            if chances[3] {
                site.set("lines", kind);
                site.set("up", up);
            }
        }
    }
}
