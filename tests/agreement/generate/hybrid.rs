//! Sites, their lines, hubs.

use super::Generator;
use crate::document::{Node, map};

/// What sites have, the first and the second.
const RANGES: [[&str; 2]; 2] =
    [["192.168.0.0/16", "192.168.7.0/24"], ["172.16.0.0/12", "172.16.5.0/24"]];

/// What sites learn, and selectors carry.
const LEARNS: &[&str] =
    &["all-subnets", "199.36.153.8/30", "10.0.0.0/8", "10.200.0.5/32", "172.16.0.0/12"];

impl Generator {
    pub(super) fn all_sites(&mut self) {
        let mut sites = Vec::new();
        for (at, id) in self.sites.clone().into_iter().enumerate() {
            let network = self.random.pick(&self.networks).clone();
            let mut site = map([("network", network.into()), ("region", self.region().into())]);
            if self.percent(80) {
                site.set("ranges", RANGES[at].to_vec());
            }
            if self.percent(40) {
                let learns = self.random.some(LEARNS, 1, 4);
                site.set("learns", learns);
            }
            if self.percent(20) {
                let names = map([("*.run.app", vec!["199.36.153.8"].into())]);
                site.set("names", names);
            }
            if self.percent(20) {
                site.set("announces", vec![["0.0.0.0/0", "0.0.0.0/1"][at]]);
            }
            if self.percent(15) {
                let up = self.switch(60);
                site.set("up", up);
            }
            match self.random.below(4) {
                0 => {
                    let kind = self.random.word(&["vpn", "interconnect", "classic-vpn"]);
                    site.set("lines", kind);
                }
                1 | 2 => {
                    let lines = self.lines(RANGES[at]);
                    site.set("lines", lines);
                }
                _ => {}
            }
            sites.push((id, site));
        }
        self.section("onprem", sites);
    }

    fn lines(&mut self, ranges: [&str; 2]) -> Node {
        let mut lines = Node::new();
        let count = self.random.between(1, 3);
        // Which of several lines is the first of a choice.
        self.order_matters |= count > 1;
        for at in 0..count {
            let mut line = map([("region", self.region().into())]);
            let kind = self.random.word(&["vpn", "vpn", "interconnect", "classic-vpn"]);
            if self.percent(60) {
                line.set("kind", kind.as_str());
                if kind == "classic-vpn" && self.percent(70) {
                    let local = self.random.some(&["10.0.0.0/24", "10.0.0.0/8"], 1, 1);
                    line.set("local_selectors", local);
                    line.set("remote_selectors", vec![ranges[1]]);
                }
            }
            if self.percent(40) {
                let up = self.switch(60);
                line.set("up", up);
            }
            if self.percent(25) {
                let announces = self.random.some(&ranges, 0, 2);
                line.set("announces", announces);
            }
            if self.percent(25) {
                let learns = self.random.some(LEARNS, 1, 3);
                line.set("learns", learns);
            }
            // Lines differ in what decides between them.
            if at == 1 {
                line.set("med", 300u64);
            }
            lines.set(format!("qline{at}"), line);
        }
        lines
    }

    /// A hub with some of the networks, sites, and networks that are elsewhere.
    pub(super) fn hubs(&mut self) {
        let star = self.percent(40);
        let mut hub = Node::new();
        if star {
            hub.set("topology", "star");
        }
        if self.percent(60) {
            let propagates = self.switch(60);
            hub.set("propagate_psc", propagates);
        }
        self.section("ncc_hubs", vec![("qhub0".into(), hub)]);
        let mut spokes = Vec::new();
        for (at, network) in self.networks.clone().into_iter().enumerate() {
            if self.percent(80) {
                let mut spoke = map([("hub", "qhub0".into()), ("network", network.into())]);
                self.spoke(&mut spoke, star);
                spokes.push((format!("qspoke{at}"), spoke));
            }
        }
        for (at, site) in self.sites.clone().into_iter().enumerate() {
            if self.percent(60) {
                let mut spoke = map([("hub", "qhub0".into()), ("site", site.into())]);
                self.spoke(&mut spoke, star);
                if self.percent(60) {
                    let ranges = self.random.some(&["10.0.0.0/16", "10.0.0.0/8"], 1, 1);
                    spoke.set("import_ranges", ranges);
                }
                if self.percent(50) {
                    spoke.set("site_to_site", true);
                }
                spokes.push((format!("qhybrid{at}"), spoke));
            }
        }
        if self.percent(30) {
            let mut spoke = map([
                ("hub", "qhub0".into()),
                ("network", "elsewhere".into()),
                ("ranges", vec!["172.31.0.0/16"].into()),
            ]);
            self.spoke(&mut spoke, star);
            spokes.push(("qelsewhere".into(), spoke));
        }
        self.section("ncc_spokes", spokes);
    }

    fn spoke(&mut self, spoke: &mut Node, star: bool) {
        if star {
            let group = self.random.word(&["center", "edge"]);
            spoke.set("group", group);
        }
        if self.percent(25) {
            spoke.set("exclude_ranges", self.random.some(&["10.0.1.0/24", "192.168.7.0/24"], 1, 2));
        }
        if self.percent(15) {
            spoke.set("include_ranges", vec!["10.0.0.0/8"]);
        }
    }
}
