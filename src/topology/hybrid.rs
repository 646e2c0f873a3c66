//! Hybrid connectivity: sites and their lines, and the hubs of Network Connectivity Center.

use ipnet::IpNet;
use schemars::{Schema, SchemaGenerator, json_schema};

use super::network::Network;
use super::record::{
    Decode, Decoder, Defaulted, Field, Form, Id, Map, MapEntry, Part, Setting, Show, Showing,
    Shown, Spanned, View, ViewMut, keyword, record, replace,
};
use crate::source::Span;
use crate::source::tree::Node;

keyword! {
    /// What lines to a site are.
    pub enum LineKind {
        /// HA VPN with BGP.
        Vpn = "vpn",
        /// Interconnect with BGP.
        Interconnect = "interconnect",
        /// Classic VPN: only static routes lead into it.
        ClassicVpn = "classic-vpn",
    }
}

record! {
    /// A line to a site: tunnels or VLAN attachments of one region, with their Cloud Router.
    pub struct Line {
        /// The region that it ends in; the site's if absent.
        pub region: Option<Spanned<String>>,
        /// What it is.
        pub kind: Option<Spanned<LineKind>> = LineKind::Vpn,
        /// Whether it is up; as the site says if absent.
        pub up: Option<Field<bool>>,
        /// What the site announces over it; as the site says if absent.
        pub announces: Option<Vec<Spanned<IpNet>>>,
        /// What its Cloud Router announces to the site; as the site says if absent.
        pub learns: Option<Vec<Spanned<String>>>,
        /// The MED with which the site announces over it: smaller goes first (EGR-241).
        pub med: Option<Spanned<u32>>,
        /// How many systems the site's announcements over it have passed: fewer go first (EGR-254).
        pub as_path_length: Option<Spanned<u32>>,
        /// Custom learned routes: ranges that its Cloud Router takes as announced over it.
        pub custom_learned: Vec<Spanned<IpNet>>,
        /// The priority of these, which counts as their MED.
        pub custom_learned_priority: Option<Spanned<u32>> = 1000,
        /// The base priority with which its Cloud Router announces to the site: the site sends by the
        /// line with the smallest, where its lines in a region say it.
        pub base_priority: Option<Spanned<u32>>,
        /// The ranges on Google's side that a Classic VPN tunnel carries; all if empty (EGR-161).
        pub local_selectors: Vec<Spanned<IpNet>>,
        /// The ranges on the site's side that a Classic VPN tunnel carries; all if empty (EGR-161).
        pub remote_selectors: Vec<Spanned<IpNet>>,
    }
}

/// The lines of a site: what they all are, or each by name.
#[derive(Clone, Debug)]
pub enum Lines {
    /// Of one kind, in the site's region.
    Alike(Spanned<LineKind>),
    /// Each by name.
    Named(Map<Line>),
}

/// The kind that holds for lines that do not say theirs.
impl Defaulted for Option<Lines> {
    type Default = LineKind;
    type Held<'f> = LineKind;

    fn held(&self, default: LineKind) -> LineKind {
        match self {
            Some(Lines::Alike(kind)) => kind.value,
            Some(Lines::Named(_)) | None => default,
        }
    }

    fn given(default: LineKind) -> Self {
        Some(Lines::Alike(Spanned::new(default, Span::none())))
    }
}

impl Decode for Lines {
    fn decode(node: &Node, cx: &mut Decoder<'_>) -> Option<Self> {
        if node.as_map().is_some() {
            return Map::decode(node, cx).map(Lines::Named);
        }
        Spanned::decode(node, cx).map(Lines::Alike)
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let kind = LineKind::schema(generator);
        let named = Map::<Line>::schema(generator);
        json_schema!({
            "description": "What all lines of a site are, or its lines by name.",
            "anyOf": [kind, named]
        })
    }
}

impl Show for Lines {
    fn show(&self, showing: Showing<'_>) -> Option<Shown> {
        match self {
            Lines::Alike(kind) => kind.show(showing),
            Lines::Named(lines) => lines.show_given(showing),
        }
    }
}

/// What `learns` calls the subnets that a Cloud Router sees.
pub const ALL_SUBNETS: &str = "all-subnets";

impl Part for Lines {
    fn form() -> Form {
        Map::<Line>::form()
    }

    fn view(&self) -> View<'_> {
        match self {
            Lines::Alike(_) => View::Closed,
            Lines::Named(lines) => lines.view(),
        }
    }

    fn view_mut(&mut self) -> ViewMut<'_> {
        match self {
            Lines::Alike(_) => ViewMut::Closed,
            Lines::Named(lines) => lines.view_mut(),
        }
    }

    fn put(&mut self, node: &Node, cx: &mut Decoder<'_>) -> bool {
        replace(self, node, cx)
    }
}

record! {
    /// An on-premises site, and its lines into a network.
    pub struct Site: resource "onprem" {
        /// The network that its lines end in.
        pub network: Spanned<String>,
        /// The region that its lines end in, unless each says its own.
        pub region: Option<Spanned<String>>,
        /// What its lines are, or each line by name.
        pub lines: Option<Lines> = LineKind::Vpn,
        /// Whether the lines are up.
        pub up: Option<Field<bool>> = true,
        /// Its own ranges; it announces them, unless its lines are `classic-vpn`.
        pub ranges: Vec<Spanned<IpNet>>,
        /// What it announces instead, such as `0.0.0.0/0`.
        pub announces: Option<Vec<Spanned<IpNet>>>,
        /// What the Cloud Router announces to it: ranges, and `all-subnets` for the subnets that it
        /// sees (EGR-159).
        pub learns: Option<Vec<Spanned<String>>> = String::from(ALL_SUBNETS),
        /// Whom its own firewall lets in; everybody if absent.
        pub admits: Option<Vec<Spanned<IpNet>>>,
        /// Names that its own resolvers answer otherwise than the internet does, `*.` in front for
        /// all below: their addresses.
        pub names: Map<Vec<Spanned<std::net::IpAddr>>>,
        /// Free labels, for selectors.
        pub labels: Map<Spanned<String>>,
    }
}

/// A line of a site, by its place among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LineId(u32);

impl LineId {
    /// Its place among the lines of the site.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A line of a site, with what holds where it says nothing itself.
#[derive(Clone, Copy, Debug)]
pub struct LineOf<'t> {
    /// Which it is.
    pub line: LineId,
    /// Its name, if it has one.
    pub name: Option<&'t str>,
    /// The region that it ends in; empty if nothing says it, which `check` reports.
    pub region: &'t str,
    /// Where the region stands, or what stands for it.
    pub region_at: Span,
    /// What it is.
    pub kind: LineKind,
    /// Where its kind stands, or what stands for it.
    pub at: Span,
    /// Where its name stands, or what stands for it.
    pub name_at: Span,
    /// Whether it is up.
    pub up: Setting<'t, bool>,
    /// What the site announces over it: nothing without BGP.
    pub announces: &'t [Spanned<IpNet>],
    /// What its Cloud Router announces to the site; all subnets if nothing says it.
    pub learns: Option<&'t [Spanned<String>]>,
    /// The MED with which the site announces over it, if it is given.
    pub med: Option<u32>,
    /// How long the AS path of these announcements is, if it is given.
    pub as_path: Option<u32>,
    /// Ranges that its Cloud Router takes as announced over it: none without BGP.
    pub custom_learned: &'t [Spanned<IpNet>],
    /// The priority of these.
    pub custom_priority: u32,
    /// The base priority with which its Cloud Router announces to the site, if it is given.
    pub base_priority: Option<u32>,
    /// The ranges on Google's side that it carries; all if empty.
    pub local: &'t [Spanned<IpNet>],
    /// The ranges on the site's side that it carries; all if empty.
    pub remote: &'t [Spanned<IpNet>],
}

impl LineOf<'_> {
    /// Whether BGP tells of what is at its ends.
    pub fn is_dynamic(&self) -> bool {
        self.kind != LineKind::ClassicVpn
    }

    /// What its Cloud Router announces to the site: ranges, and [`ALL_SUBNETS`].
    pub fn learned(&self) -> Vec<&str> {
        match self.learns {
            Some(learns) => learns.iter().map(|each| each.value.as_str()).collect(),
            None => vec![ALL_SUBNETS],
        }
    }

    /// The MED of a range that it leads to, if it is given.
    pub fn med_of(&self, range: &IpNet) -> Option<u32> {
        let announced = self.announces.iter().any(|own| own.value == *range);
        let custom = !announced && self.custom_learned.iter().any(|own| own.value == *range);
        if custom { Some(self.custom_priority) } else { self.med }
    }

    /// Whether it is known to be down.
    pub fn is_down(&self) -> bool {
        self.up.is(false)
    }
}

impl Site {
    /// Its lines in the order in which they are written.
    pub fn each_line(&self) -> Vec<LineOf<'_>> {
        let mut lines = match &self.lines {
            None => vec![self.common(self.lines(), self.span)],
            Some(Lines::Alike(kind)) => vec![self.common(kind.value, kind.span)],
            Some(Lines::Named(named)) => {
                named.iter().map(|(name, entry)| self.named(name, entry)).collect()
            }
        };
        for (line, at) in lines.iter_mut().zip(0..) {
            line.line = LineId(at);
            if !line.is_dynamic() {
                line.announces = &[];
                line.custom_learned = &[];
            }
        }
        lines
    }

    /// The lines that a static route to the site, or to one of its lines, leads into: Classic VPN
    /// tunnels where there are some (EGR-085).
    pub fn static_lines(&self, line: Option<&str>) -> Vec<LineId> {
        let lines = self.each_line();
        let classic = lines.iter().any(|line| !line.is_dynamic());
        let fits = |own: &LineOf<'_>| match line {
            Some(name) => own.name == Some(name),
            None => !classic || !own.is_dynamic(),
        };
        lines.iter().filter(|own| fits(own)).map(|own| own.line).collect()
    }

    /// What holds for lines that say nothing themselves.
    fn common(&self, kind: LineKind, at: Span) -> LineOf<'_> {
        let region = self.region.as_ref();
        LineOf {
            line: LineId(0),
            name: None,
            region: region.map_or("", |region| &region.value),
            region_at: region.map_or(at, |region| region.span),
            kind,
            at,
            name_at: at,
            up: self.up(),
            announces: self.announces.as_ref().unwrap_or(&self.ranges),
            learns: self.learns.as_deref(),
            med: None,
            as_path: None,
            custom_learned: &[],
            custom_priority: 0,
            base_priority: None,
            local: &[],
            remote: &[],
        }
    }

    fn named<'t>(&'t self, name: &'t str, entry: &'t MapEntry<Line>) -> LineOf<'t> {
        let line = &entry.value;
        let at = line.kind.as_ref().map_or(entry.key_span, |kind| kind.span);
        let common = self.common(line.kind(), at);
        LineOf {
            name: Some(name),
            name_at: entry.key_span,
            region: line.region.as_ref().map_or(common.region, |region| &region.value),
            region_at: line.region.as_ref().map_or(common.region_at, |region| region.span),
            up: Setting { field: line.up.as_ref().or(common.up.field), ..common.up },
            announces: line.announces.as_deref().unwrap_or(common.announces),
            learns: line.learns.as_deref().or(common.learns),
            med: line.med.as_ref().map(|med| med.value),
            as_path: line.as_path_length.as_ref().map(|length| length.value),
            custom_learned: &line.custom_learned,
            custom_priority: line.custom_learned_priority(),
            base_priority: line.base_priority.as_ref().map(|own| own.value),
            local: &line.local_selectors,
            remote: &line.remote_selectors,
            ..common
        }
    }
}

keyword! {
    /// Which spokes of a hub exchange routes (EGR-164).
    pub enum HubTopology {
        /// Each with each other.
        Mesh = "mesh" | "MESH",
        /// Those of the center with all, those at the edge with the center only.
        Star = "star" | "STAR",
    }
}

keyword! {
    /// Where in a star a spoke is.
    pub enum SpokeGroup {
        /// In the center.
        Center = "center",
        /// At the edge.
        Edge = "edge",
    }
}

record! {
    /// A hub of Network Connectivity Center: its spokes exchange routes (EGR-164).
    pub struct NccHub: resource "ncc_hub" called "hub" {
        /// Which spokes exchange routes.
        pub topology: Option<Spanned<HubTopology>> = HubTopology::Mesh,
        /// Whether endpoints for published services are reached from other spokes.
        pub propagate_psc: Option<Field<bool>> = false,
        /// Free labels, for selectors.
        pub labels: Map<Spanned<String>>,
    }
}

record! {
    /// A spoke of a hub: a network, whose subnets others reach, or the lines of a site (EGR-164).
    pub struct NccSpoke: resource "ncc_spoke" called "spoke" {
        /// Its hub.
        pub hub: Spanned<String>,
        /// The network that it is.
        pub network: Option<Spanned<String>>,
        /// The subnets of its network, if the topology does not have it: what is sent there leaves
        /// the known world (EGR-165).
        pub ranges: Vec<Spanned<IpNet>>,
        /// The site whose lines it is.
        pub site: Option<Spanned<String>>,
        /// Where in a star it is; hubs of a mesh have no groups.
        pub group: Option<Spanned<SpokeGroup>>,
        /// What it gives to the hub lies in these ranges; everything if empty.
        pub include_ranges: Vec<Spanned<IpNet>>,
        /// What lies in these ranges it does not give to the hub.
        pub exclude_ranges: Vec<Spanned<IpNet>>,
        /// Which ranges of the hub its Cloud Routers announce to the site, besides what the site
        /// learns in any case.
        pub import_ranges: Vec<Spanned<IpNet>>,
        /// Whether it passes on what other such spokes announce (site-to-site data transfer).
        pub site_to_site: Option<Spanned<bool>> = false,
        /// Free labels, for selectors.
        pub labels: Map<Spanned<String>>,
    }
}

impl NccSpoke {
    /// Whether it gives a range to the hub: exclusions go first.
    pub fn exports(&self, range: &IpNet) -> bool {
        let within = |list: &[Spanned<IpNet>]| list.iter().any(|own| own.value.contains(range));
        (self.include_ranges.is_empty() || within(&self.include_ranges))
            && !within(&self.exclude_ranges)
    }
}

impl super::Topology {
    /// The network of a spoke: the one that it is, or the one that its lines end in.
    pub fn spoke_network(&self, spoke: &NccSpoke) -> Option<Id<Network>> {
        if let Some(network) = &spoke.network {
            return self.networks.id_of(&network.value);
        }
        let site = self.onprem.get(&spoke.site.as_ref()?.value)?;
        self.networks.id_of(&site.network.value)
    }

    /// Whether two spokes of a hub exchange routes (EGR-164).
    pub fn exchange(&self, hub: Id<NccHub>, one: &NccSpoke, other: &NccSpoke) -> bool {
        let star = self.ncc_hubs[hub].topology() == HubTopology::Star;
        let central = |spoke: &NccSpoke| {
            spoke.group.as_ref().is_some_and(|group| group.value == SpokeGroup::Center)
        };
        !star || central(one) || central(other)
    }

    /// Whether two networks are spokes of one hub that exchange routes.
    pub fn are_spokes_of_one_hub(&self, one: Id<Network>, other: Id<Network>) -> bool {
        let is = |spoke: &NccSpoke, network| {
            spoke.network.is_some() && self.spoke_network(spoke) == Some(network)
        };
        self.ncc_spokes.values().filter(|own| is(own, one)).any(|own| {
            self.ncc_hubs.id_of(&own.hub.value).is_some_and(|hub| {
                self.spokes_of(hub)
                    .any(|(_, peer)| is(peer, other) && self.exchange(hub, own, peer))
            })
        })
    }

    /// The spokes of a hub.
    pub fn spokes_of(&self, hub: Id<NccHub>) -> impl Iterator<Item = (Id<NccSpoke>, &NccSpoke)> {
        let of_hub = move |spoke: &NccSpoke| self.ncc_hubs.id_of(&spoke.hub.value) == Some(hub);
        self.ncc_spokes.with_ids().filter(move |(_, spoke)| of_hub(spoke))
    }
}
