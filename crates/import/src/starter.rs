//! A small working case to start from, as `corridor new DIR` writes it.

/// Name and content of each file of the case. It checks without a fault or a notice.
pub fn files() -> Vec<(&'static str, &'static str)> {
    vec![
        ("README.md", include_str!("starter/README.md")),
        ("case.toml", include_str!("starter/case.toml")),
        ("node.csv", include_str!("starter/node.csv")),
        ("link.csv", include_str!("starter/link.csv")),
        ("closures.csv", include_str!("starter/closures.csv")),
        ("flights.csv", include_str!("starter/flights.csv")),
        ("groups.csv", include_str!("starter/groups.csv")),
        ("crowd.csv", include_str!("starter/crowd.csv")),
        ("severity.csv", include_str!("starter/severity.csv")),
        ("hazard.csv", include_str!("starter/hazard.csv")),
    ]
}
